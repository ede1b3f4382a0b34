import { createRequire } from "node:module";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import path, { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { execFileSync } from "node:child_process";
// src/errors.ts
function row(id, blame, text) {
	return {
		id,
		blame,
		text
	};
}
function didYouMean(nearest) {
	return nearest === null ? "" : ` (did you mean ${nearest}?)`;
}
const errorRows = {
	cancelled: row(1, "nobody", () => "cancelled"),
	internal: row(2, "internal", (f) => `internal error: ${f.what}; please report it.`),
	engineFailed: row(10, "internal", (f) => `the engine failed in ${f.call}: ${f.detail}; the session can go on, travel back or run again.`),
	noProcess: row(20, "user", (f) => `"${f.command}" needs a running program; start it with run.`),
	noCheckpoint: row(21, "user", (f) => `"${f.command}" needs a checkpoint; make one with fred-checkpoint.`),
	unknownFredCommand: row(200, "user", (f) => f.nearest === null ? `there is no fred command "${f.name}"; fred-help lists them.` : `there is no fred command "${f.name}"; did you mean ${f.nearest}? (fred-help lists all)`),
	badFredArguments: row(201, "user", (f) => `${f.command}: column ${f.column}: ${f.expected} expected${f.found === "" ? "" : `, not "${f.found}"`}; usage: ${f.usage}`),
	nothingToUndo: row(202, "user", (f) => f.available === 0 ? "nothing to undo: this is the first stop; run a command such as next or continue first." : `only ${f.available} command${f.available === 1 ? "" : "s"} can be undone, not ${f.wanted}; try fred-undo ${f.available}.`),
	noEarlierStatement: row(203, "user", (f) => `${f.command}: no statement with source lies before this one; fred-goto start goes to the first instruction.`),
	outermostFrame: row(204, "user", (f) => `${f.command}: this is the outermost function with source, nothing called it; try fred-reverse-next.`),
	unknownCheckpoint: row(205, "user", (f) => `there is no checkpoint "${f.name}"; fred-list shows them.`),
	unknownBranch: row(206, "user", (f) => `there is no branch "${f.name}"; fred-list shows them, fred-branch ${f.name} makes it.`),
	branchExists: row(207, "user", (f) => `a branch "${f.name}" exists already; fred-switch ${f.name} goes to it.`),
	unknownEvent: row(208, "user", (f) => `event ${f.event} is not recorded; the recording has events 0 to ${f.eventCount}.`),
	noValueHere: row(209, "user", (f) => `${f.expression} has no value here (${f.why}); go to a place where print ${f.expression} works.`),
	unknownSubcommand: row(100, "user", (f) => `"${f.name}" is not a fred-ts command${didYouMean(f.nearest)}; see fred-ts help.`),
	unknownOption: row(101, "user", (f) => `unknown option ${f.option}${didYouMean(f.nearest)}; see fred-ts help gdb.`),
	optionNeedsValue: row(102, "user", (f) => `${f.option} needs a value; see fred-ts help gdb.`),
	badOptionValue: row(103, "user", (f) => `${f.option} ${f.value}: expected ${f.expected}.`),
	programMissing: row(104, "user", (f) => `${f.path}: ${f.why}; give the path of a program that exists.`),
	notAProgram: row(105, "user", (f) => `${f.path} is ${f.what}; ${f.next}.`),
	foreignProgram: row(106, "user", (f) => `${f.path} is ${f.what}; fred-ts debugs 64-bit x86 programs: build it for x86-64.`),
	gdbMissing: row(107, "user", (f) => `${f.path} was not found; install gdb (apt-get install gdb) or name it with --gdb PATH.`),
	gdbTooOld: row(108, "user", (f) => `${f.path} is gdb ${f.version}; fred-ts needs gdb 12 or newer: name another one with --gdb PATH.`),
	gdbWithoutPython: row(109, "user", (f) => `${f.path} has no Python; install the full gdb (apt-get install gdb) or name one with --gdb PATH.`),
	terminalTooSmall: row(111, "user", (f) => `the terminal has only ${f.columns} x ${f.rows} characters; enlarge it to 20 x 4 or more.`),
	argumentsWithoutArgs: row(112, "user", (f) => `to pass arguments to the program put --args before it: fred-ts gdb --args ${f.program} …`),
	cannotAttach: row(113, "user", (f) => `${f.option} is not possible: time travel needs the whole run; start the program under fred-ts.`),
	gdbRefused: row(114, "user", (f) => `gdb refused "${f.command}": ${f.why}`),
	gdbBroken: row(115, "user", (f) => `${f.path} did not start its part of fred-ts: ${f.why}; try ${f.path} alone, or name another with --gdb PATH.`),
	badExpression: row(117, "user", (f) => `"${f.expression}" is no expression here: ${f.why.replace(/\.$/u, "")}; try it with print first.`),
	badDirectory: row(116, "user", (f) => `${f.path}: ${f.why}; give a directory that exists.`),
	addonMissing: row(300, "user", (f) => `the native engine is not built (${f.path} is missing); run npm run setup in a checkout, else npm rebuild fred-ts.`),
	addonUnusable: row(301, "user", (f) => `the native engine does not load (${f.path}: ${f.why}); build it again with npm run build:native.`),
	cannotStart: row(302, "user", (f) => `the program could not be started: ${f.detail}; check its path with info inferiors.`),
	ptraceRefused: row(303, "user", (f) => `the system refuses ptrace: ${f.detail}; allow it with sysctl kernel.yama.ptrace_scope=0 (in a container: --cap-add=SYS_PTRACE).`),
	engineUnsupported: row(304, "user", (f) => `this cannot be recorded yet: ${f.detail}; travel back and stop before it, or debug it with plain gdb.`),
	socketFailed: row(310, "user", (f) => `no socket for gdb at ${f.path}: ${f.why}; set TMPDIR to a writable directory with a short path.`),
	programGone: row(312, "user", () => "the program was killed from outside, its recording is gone with it; start it again with run."),
	detachEndsProgram: row(311, "user", () => "a recorded program cannot go on without fred-ts: detach has ended it; start it again with run.")
};
/** A failure with a row in `errorRows`; `facts` are the values its text was made from. */
var FredError = class extends Error {
	kind;
	facts;
	constructor(kind, facts, options) {
		const text = errorRows[kind].text;
		super(text(facts), options);
		this.name = "FredError";
		this.kind = kind;
		this.facts = facts;
	}
	get blame() {
		return errorRows[this.kind].blame;
	}
};
// src/engine/engineErrors.ts
/** What the engine's failures mean to a user: raw errors of the addon → FredError. */
function isRawEngineError(error) {
	return error instanceof Error && "syscall" in error && "code" in error && typeof error.code === "string";
}
/** Failures that the user can do something about; all others become "engineFailed". */
const userErrors = {
	EXEC: (_, raw) => new FredError("cannotStart", { detail: raw.message }, { cause: raw }),
	PTRACE: (_, raw) => new FredError("ptraceRefused", { detail: raw.message }, { cause: raw }),
	GONE: (_, raw) => new FredError("programGone", {}, { cause: raw }),
	NOT_RUNNING: (call, raw) => new FredError("noProcess", { command: call }, { cause: raw }),
	UNSUPPORTED: (_, raw) => new FredError("engineUnsupported", { detail: raw.message }, { cause: raw })
};
function toFredError(call, error) {
	if (error instanceof FredError) return error;
	if (!isRawEngineError(error)) return new FredError("engineFailed", {
		call,
		detail: String(error)
	}, { cause: error });
	const make = userErrors[error.code];
	if (make !== void 0) return make(call, error);
	return new FredError("engineFailed", {
		call,
		detail: error.message
	}, { cause: error });
}
// src/engine/nativeAddon.ts
/** Finds and loads the native addon; its shape in TypeScript. */
/** The same relative place from src/engine and from dist/engine. */
const addonPath = fileURLToPath(new URL("../../native/build/Release/fred_addon.node", import.meta.url));
let loaded = null;
/** Throws FredError "addonMissing" when it was not built, "addonUnusable" when it does not load. */
function loadAddon() {
	if (loaded !== null) return loaded;
	try {
		loaded = createRequire(import.meta.url)(addonPath);
		return loaded;
	} catch (cause) {
		if (cause.code === "MODULE_NOT_FOUND") throw new FredError("addonMissing", { path: addonPath }, { cause });
		throw new FredError("addonUnusable", {
			path: addonPath,
			why: cause.message.split("\n")[0] ?? ""
		}, { cause });
	}
}
// src/engine/nativeEngine.ts
const interruptIntervalMs = 10;
/** Every failure is a FredError; `engineErrorCode` tells the engine's code ("EFAULT" …). */
var NativeEngine = class {
	#native = new (loadAddon()).Engine();
	/** Calls in flight that an interrupt ends. */
	#longCallCount = 0;
	#interrupter = null;
	launch(options) {
		return this.#call("launch", () => this.#native.launch(options));
	}
	kill() {
		return this.#call("kill", () => this.#native.kill());
	}
	resume(options) {
		return this.#longCall("resume", () => this.#native.resume(options));
	}
	reverse(mode) {
		return this.#longCall("reverse", () => this.#native.reverse(mode));
	}
	rewind(options) {
		return this.#longCall("rewind", () => this.#native.rewind(options));
	}
	/**
	* The native call does nothing unless the tracer thread is inside a long call at that moment: it is repeated
	* until the call in flight ends, so that an interrupt sent right after resume() (still queued) counts as well.
	*/
	interrupt() {
		if (this.#longCallCount === 0) return;
		this.#native.interrupt();
		this.#interrupter ??= setInterval(() => this.#native.interrupt(), interruptIntervalMs);
	}
	readMemory(address, length) {
		try {
			return this.#native.readMemory(address, length);
		} catch (error) {
			throw toFredError("readMemory", error);
		}
	}
	writeMemory(address, bytes) {
		return this.#call("writeMemory", () => this.#native.writeMemory(address, bytes));
	}
	readRegisters() {
		return this.#call("readRegisters", () => this.#native.readRegisters());
	}
	writeRegisters(registers) {
		return this.#call("writeRegisters", () => this.#native.writeRegisters(registers));
	}
	readSiginfo() {
		return this.#call("readSiginfo", () => this.#native.readSiginfo());
	}
	insertBreakpoint(spec) {
		return this.#call("insertBreakpoint", () => this.#native.insertBreakpoint(spec));
	}
	removeBreakpoint(spec) {
		return this.#call("removeBreakpoint", () => this.#native.removeBreakpoint(spec));
	}
	clearBreakpoints() {
		return this.#call("clearBreakpoints", () => this.#native.clearBreakpoints());
	}
	takeCheckpoint(kind) {
		return this.#call("takeCheckpoint", () => this.#native.takeCheckpoint(kind));
	}
	restore(id) {
		return this.#call("restore", () => this.#native.restore(id));
	}
	timeline() {
		return this.#call("timeline", () => this.#native.timeline());
	}
	densify(options) {
		return this.#longCall("densify", () => this.#native.densify(options));
	}
	dropTemporary() {
		return this.#call("dropTemporary", () => this.#native.dropTemporary());
	}
	/** Branches have the names that the history gives them: the engine's line with its own number is left out. */
	async startBranch() {
		return (await this.#call("startBranch", () => this.#native.startBranch())).filter((line) => !line.startsWith("a new line of history starts here"));
	}
	beginScratch() {
		return this.#call("beginScratch", () => this.#native.beginScratch());
	}
	endScratch() {
		return this.#call("endScratch", () => this.#native.endScratch());
	}
	close() {
		this.interrupt();
		return this.#call("close", () => this.#native.close());
	}
	async #call(name, call) {
		try {
			return await call();
		} catch (error) {
			throw toFredError(name, error);
		}
	}
	async #longCall(name, call) {
		this.#longCallCount++;
		try {
			return await this.#call(name, call);
		} finally {
			if (--this.#longCallCount === 0 && this.#interrupter !== null) {
				clearInterval(this.#interrupter);
				this.#interrupter = null;
			}
		}
	}
};
// test/targets/index.ts
const rows = {
	arguments: {
		args: [
			"plain",
			"two words",
			"",
			"'quoted' \"twice\"",
			"$HOME *"
		],
		stdout: "[plain]\n[two words]\n[]\n['quoted' \"twice\"]\n[$HOME *]\n5 arguments\n"
	},
	avx: {
		needs: ["avx"],
		stdout: "dot 6129.0\n"
	},
	avx2: {
		needs: ["avx2"],
		stdout: "sum 25313 polynomial 35.002\n"
	},
	avx512: {
		needs: ["avx512"],
		stdout: "sum 39309 survives 1\n"
	},
	bug_array: { stdout: "limit 0\n" },
	bug_list: { stdout: "list ok: 0\n" },
	bug_pointer: { stdout: "a fine lXXXX text 0\n" },
	bug_struct: { stdout: "ages together 149\n" },
	clocks: { stdout: "rising 1 agree 1 year 1 cpu 1\n" },
	code_generated: { stdout: "sum 2997\n" },
	compute: {
		args: ["20"],
		stdout: "20 rounds, checksum 1441816726234524427\n"
	},
	compute_memory: {
		args: ["1"],
		stdout: "sum 3497383649325\n"
	},
	control_flow: { stdout: "63 100\n" },
	cpp_containers: {
		source: "cpp_containers.cc",
		stdout: "12 numbers, sum 92, the=3, and=2, 1120\n"
	},
	cpp_exceptions: {
		source: "cpp_exceptions.cc",
		stdout: "outer around bottom, destroyed 115, sum 6\n"
	},
	cpp_overloads: {
		source: "cpp_overloads.cc",
		stdout: "450 475 1\n"
	},
	cpp_random_device: {
		source: "cpp_random_device.cc",
		stdout: "600 throws, draws differ 1\n"
	},
	cpp_templates: {
		source: "cpp_templates.cc",
		stdout: "60 jhi 9 int other\n"
	},
	cpp_through_c: {
		source: "cpp_through_c.cc",
		stdout: "caught at 12, then sorted 0..9\n"
	},
	cpp_virtual: {
		source: "cpp_virtual.cc",
		stdout: "total 70 squares 4\n"
	},
	crash_abort: {
		exit: { signal: "SIGABRT" },
		stdout: "90\n60\n10\n"
	},
	crash_divide: {
		exit: { signal: "SIGFPE" },
		stdout: "4\n6\n12\n"
	},
	crash_overflow: {
		exit: { signal: "SIGSEGV" },
		stdout: ""
	},
	crash_segv: {
		exit: { signal: "SIGSEGV" },
		stdout: "1\n2\n3\n"
	},
	crash_uncaught: {
		source: "crash_uncaught.cc",
		exit: { signal: "SIGABRT" },
		stdout: "0\n1\n2\n"
	},
	descriptors_full: { stdout: "all 1, sum 215, none left 1\n" },
	dynamic_load: { stdout: "1.0 absent 1\n" },
	environment: { stdout: "FRED_TARGET=(unset)\nnow changed by the program itself, some variables: 1\n" },
	exit_code: {
		exit: { code: 7 },
		stdout: "at exit\n"
	},
	exit_direct: {
		exit: { code: 3 },
		stdout: "leaving\n"
	},
	exit_signal: {
		exit: { signal: "SIGTERM" },
		stdout: "before\n"
	},
	file_directory: { stdout: "apple 5\nfig 3\npear 4\nquince 6\n4 files\n" },
	file_mapped_write: { stdout: "sum 1402226064, two parts, entry 5\n" },
	file_mmap: { stdout: "file: through the shared view\nprivate: only in the private view\nshared start: 0\n" },
	file_roundtrip: { stdout: "read back: file\nat last: hello, FILE\nappe\n" },
	file_stdio: { stdout: "1999 lines, sum 249875.000, last ' 249.875', first char 1\n" },
	heap_big: { stdout: "sum 357\n" },
	heap_churn: { stdout: "live 261619 peak 313568 seed 1152798456\n" },
	hot_loop: { stdout: "total 1299998, noticed at 200000\n" },
	identity: { stdout: "pid 1, Linux, cwd 1, exe identity, uid 1, files 1, processors 1, page 4096\n" },
	input_chars: {
		stdin: "abc 123\nx9\n",
		stdout: "4 letters, 4 digits, 2 lines\n"
	},
	input_lines: {
		stdin: "first\nthe second line\n\nquit\nnot read\n",
		stdout: "> 1: 5 letters: first\n> 2: 15 letters: the second line\n> 3: 0 letters: \n> 3 lines\n"
	},
	input_scanf: {
		stdin: "1 2 3\n40\n\n-6 end\n",
		stdout: "5 numbers, sum 40\n"
	},
	jump_set: { stdout: "5 attempts, back from depth 30 of 30\n" },
	list_sort: { stdout: "0 1 2 3 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31 32 33 34 35 36 37 38 39 40\n" },
	math_float: { stdout: "0.459276920 1 266.0405 1 1 4.414214\n" },
	math_x87: {
		needs: ["x87"],
		stdout: "2.718281828459045 4.141592653589793 1.414213562373 0x37f\n"
	},
	memory_advise: { stdout: "sum 217\n" },
	memory_brk: { stdout: "sum 15 zeros 20480 restored 1\n" },
	memory_dirty: { stdout: "20000 pages written\n" },
	memory_grows_down: { stdout: "grown 1, sum 820\n" },
	memory_protect: { stdout: "sum 54\n" },
	memory_remap: { stdout: "still here, 2 4, moved 1\n" },
	memory_sparse: { stdout: "sum 1597\n" },
	memory_through_kernel: { stdout: "by file, 7 8 9, by file\n" },
	output_mix: { stdout: "one line\nno newline yet, now it comes\nby write\nabcdefghijklmnopqrstuvwxyz\nin two parts\n" },
	pipe_self: { stdout: "20 + 30: message 0;message 1;message 2;message 3;message 4; would block 1, end 1\n" },
	poll_timeout: { stdout: "0 0 0, timer 1, epoll 1, event 3\n" },
	process_exec: {
		needs: ["exec"],
		stdout: "executed again\n"
	},
	process_fork: {
		needs: ["fork"],
		stdout: "child ended with 5\n"
	},
	process_system: {
		needs: ["fork", "exec"],
		stdout: "system 3, popen: from the shell\n"
	},
	process_vfork: {
		needs: ["fork", "exec"],
		stdout: "true ended with 0\n"
	},
	random: { stdout: "208, random bytes seen\n" },
	recursion_fib: { stdout: "fib 610 in 1973 calls\n" },
	recursion_hanoi: { stdout: "127 moves, heights 0 0 7\n" },
	recursion_mutual: { stdout: "even 1 odd 1 deepest 61\n" },
	signal_alarm_pause: {
		needs: ["timers"],
		stdout: "interrupted 1, alarms 2, waited for 14\n"
	},
	signal_altstack: { stdout: "on the alternate stack: 1\n" },
	signal_blocked_counter: { stdout: "caught 3, rising 1, blocked 1, ignored 1\n" },
	signal_info: { stdout: "value 4711 self 1 address 1 rax 99\n" },
	signal_mask: { stdout: "held 2 before 0 after 1 1 reset 1\n" },
	signal_nested: { stdout: "<i>()i\n" },
	signal_profile: {
		needs: ["timers"],
		stdout: "checksum 1761361212, interrupted 1\n"
	},
	signal_queue: { stdout: "12 queued, sum 5110, plain 2\n" },
	signal_raise: { stdout: "5 1\n" },
	signal_restart: {
		needs: ["timers"],
		stdout: "-1 interrupted 1, then 1 after 2 alarms\n"
	},
	signal_segv_jump: { stdout: "10 10\n" },
	signal_segv_repair: { stdout: "faults 8 sum 120\n" },
	signal_stack_overflow: { stdout: "caught 3, deep 3\n" },
	signal_suspend: {
		needs: ["timers"],
		stdout: "alarms 6, interrupted 6, blocked again 6, in the handler 110\n"
	},
	signal_timer_busy: {
		needs: ["timers"],
		stdout: "5 ticks, rising 1\n"
	},
	socket_pair: { stdout: "4 1 4 9 9 two parts\n" },
	stack_alloca: { stdout: "1830 499972302\n" },
	stack_deep: { stdout: "55 4580\n" },
	stack_frame: { stdout: "3 11\n" },
	step_calls: { stdout: "7 6 15 35\n" },
	string_instructions: {
		needs: ["timers"],
		stdout: "sum 16429198756145504506, interrupted 1\n"
	},
	strings: { stdout: "4321 1 4321 1 11 MIXED CASE 31\n" },
	syscalls: { stdout: "2000 bytes\n" },
	thread_local: { stdout: "20 x EBADF\n" },
	thread_one: {
		needs: ["threads"],
		stdout: "counted 1000\n"
	},
	trap_own: { stdout: "int3 3, stepped 1, ud2 3, hlt 3\n" },
	tsc: { stdout: "rising 1\n" },
	variables: { stdout: "10 45 203 206 Local global\n" }
};
const targetNames = Object.keys(rows);
/** One row with the defaults filled in: a C source of the same name, no arguments, no input, nothing needed, exit code 0. */
function targetRow(name) {
	const row = rows[name];
	return {
		name,
		source: `${name}.c`,
		args: [],
		stdin: "",
		needs: [],
		exit: { code: 0 },
		...row
	};
}
// test/helpers/targets.ts
/** The programs of test/targets: built once, found by name, and their lines found by marker. */
const targetsFolder = join(dirname(fileURLToPath(import.meta.url)), "..", "targets");
const buildDeadlineMs = 3e5;
let isBuilt = false;
/** Builds what is out of date. Test files run in processes of their own, so make is held by a lock. */
function buildTargets() {
	if (isBuilt) return;
	const makefile = join(targetsFolder, "Makefile");
	const jobs = Math.min(2, availableParallelism());
	execFileSync("flock", [
		makefile,
		"make",
		"-s",
		`-j${jobs}`,
		"-C",
		targetsFolder
	], {
		stdio: [
			"ignore",
			"ignore",
			"pipe"
		],
		timeout: buildDeadlineMs
	});
	isBuilt = true;
}
/** Absolute path of a target's executable, built when it was not. Not every target has every variant: see the Makefile. */
function targetPath(name, variant = "") {
	buildTargets();
	return join(targetsFolder, "build", `${name}${variant}`);
}
/** The row of index.ts: arguments, input, exit and output. */
function target(name) {
	return targetRow(name);
}
/** Whether this CPU has what the row needs of it; a test of such a target skips otherwise. */
function cpuSupports(name) {
	const flags = /^flags\s*:(.*)$/m.exec(readFileSync("/proc/cpuinfo", "utf8"))?.[1]?.split(" ") ?? [];
	const wanted = {
		avx: ["avx"],
		avx2: ["avx2", "fma"],
		avx512: ["avx512f"]
	};
	return targetRow(name).needs.every((need) => (wanted[need] ?? []).every((flag) => flags.includes(flag)));
}
// test/engine/snapshot.ts
const pageSize = 4096;
BigInt(pageSize);
Buffer.alloc(pageSize);
// test/engine/recording.ts
/** Starts the programs of test/targets under the engine, and drives them as gdb would. */
/** Threads, fork and exec come with a later issue. */
const notYet = [
	"threads",
	"fork",
	"exec"
];
targetNames.filter((name) => cpuSupports(name) && !target(name).needs.some((need) => notYet.includes(need)));
function program(name, variant = "") {
	const row = target(name);
	const file = targetPath(name, variant);
	return {
		path: file,
		argv: [file, ...row.args],
		stdin: row.stdin
	};
}
/** One engine with one debuggee in a folder of its own. */
var Recording = class Recording {
	engine = new NativeEngine();
	folder = mkdtempSync(path.join(tmpdir(), "fred-engine-"));
	#program;
	#settings;
	pid = 0;
	constructor(what, settings = {}) {
		this.#program = what;
		this.#settings = settings;
	}
	static async launch(what, settings = {}) {
		const recording = new Recording(what, settings);
		try {
			await recording.launch();
		} catch (error) {
			await recording[Symbol.asyncDispose]();
			throw error;
		}
		return recording;
	}
	async launch() {
		writeFileSync(path.join(this.folder, ".in"), this.#program.stdin ?? "");
		const stop = await this.engine.launch({
			path: this.#program.path,
			argv: this.#program.argv,
			env: this.#program.env ?? ["PATH=/usr/bin:/bin", "LANG=C"],
			cwd: this.folder,
			disableAslr: true,
			tty: null,
			redirections: [
				{
					fd: 0,
					target: path.join(this.folder, ".in"),
					mode: "read"
				},
				{
					fd: 1,
					target: path.join(this.folder, ".out"),
					mode: "write"
				},
				{
					fd: 2,
					target: path.join(this.folder, ".err"),
					mode: "write"
				}
			],
			checkpointHz: 10,
			tracker: "auto",
			...this.#settings
		});
		this.pid = stop.pid;
		return stop;
	}
	output() {
		return readFileSync(path.join(this.folder, ".out"), "latin1");
	}
	/** Resumes until something other than a signal stops the debuggee; signals are passed on, as gdb does. */
	async resume(options = { mode: "continue" }) {
		let stop = await this.engine.resume(options);
		while (stop.kind === "signal") stop = await this.engine.resume({
			...options,
			signal: stop.signal
		});
		return stop;
	}
	/** From the present position to the later state; "historyEnd" when it was met. */
	resumeTo(limit) {
		return this.resume({
			mode: "continue",
			limit
		});
	}
	/** To the program's end; the checkpoints there and at the start. */
	async record() {
		const end = await this.resume();
		const head = await this.engine.takeCheckpoint("stop");
		const start = (await this.engine.timeline()).past[0];
		if (start === void 0) throw new Error("a timeline without a start");
		return {
			start,
			head,
			end
		};
	}
	async [Symbol.asyncDispose]() {
		await this.engine.close();
		rmSync(this.folder, {
			recursive: true,
			force: true
		});
	}
};
/** Text of a stop for messages. */
function render(stop) {
	const { pid: _pid, tid: _tid, ...rest } = stop;
	return JSON.stringify(rest, (_, value) => typeof value === "bigint" ? `0x${value.toString(16)}` : value);
}
// ../drv/back.ts
const [name, hz, tracker] = process.argv.slice(2);
const r = await Recording.launch(program(name), {
	checkpointHz: Number(hz),
	tracker: tracker ?? "auto"
});
const { start, head } = await r.record();
await r.engine.densify({
	from: start.id,
	to: head.id,
	count: 40
});
await r.engine.restore(head.id);
const { past } = await r.engine.timeline();
for (const c of past) {
	await r.engine.restore(c.id);
	if (process.env.V) console.log("go", c.id, c.event, c.pc.toString(16));
	const t = Date.now();
	const s = await r.engine.reverse("step");
	const ms = Date.now() - t;
	if (s.kind !== "step" || ms > 300) console.log(c.id, c.event, c.pc.toString(16), render(s), ms, "ms", Buffer.from(r.engine.readMemory(c.pc - 8n, 16)).toString("hex"));
}
console.log(name, past.length, "checkpoints done");
process.exit(0);
export {};
