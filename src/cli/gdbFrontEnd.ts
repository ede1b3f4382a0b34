/** One run of `fred-ts gdb`: starts gdb with the shim, joins terminal, MI channel and time machine, and ends with gdb's status. */
import { join } from "node:path";
import { GdbDebugger } from "../fred/backend/gdb/gdbDebugger.ts";
import { type GdbLaunch, gdbArguments, gdbEnvironment } from "../fred/backend/gdb/gdbLaunch.ts";
import {
  type DebuggerInTerminal,
  type DebuggerProcess,
  startInherited,
  startInTerminal,
} from "../fred/backend/gdb/gdbProcess.ts";
import { MiChannel } from "../fred/backend/gdb/mi/channel.ts";
import { PtyPair } from "../fred/backend/gdb/ptyPair.ts";
import { refusals } from "../fred/backend/gdb/refusals.ts";
import { ShimChannel } from "../fred/backend/gdb/shimChannel.ts";
import type { ShimClient, ShimSetup } from "../fred/backend/gdb/shimProtocol.ts";
import { PassThrough } from "../fred/repl/passThrough.ts";
import type { UserTerminal } from "../fred/repl/userTerminal.ts";
import { checkGdbVersion, diagnoseGdb } from "./gdbCheck.ts";
import type { GdbOptions } from "./gdbOptions.ts";
import { type Ending, endOnSignals, killAtEnd, onDeath } from "./lifetime.ts";
import type { TimeMachine } from "./timeMachine.ts";

export interface FrontEndParts {
  readonly options: GdbOptions;
  readonly gdbPath: string;
  readonly program: string | null;
  /** The user's terminal; null: gdb gets our standard streams as they are. */
  readonly terminal: UserTerminal | null;
  /** For sockets; ours alone. */
  readonly directory: string;
  readonly time: TimeMachine;
}

/** gdb greets within 0.2 s; after this time we ask what is wrong with it. */
const greetingDeadlineMs = 3000;
const closeDeadlineMs = 1000;
const machineTerminal = { columns: 200, rows: 50, isRaw: true };

/** Resolves with the exit status for the shell once gdb has ended and all is closed. */
export async function runGdbFrontEnd(parts: FrontEndParts): Promise<number> {
  const run = new GdbRun(parts);
  try {
    return await run.toItsEnd();
  } finally {
    await run.close();
  }
}

class GdbRun {
  readonly #parts: FrontEndParts;
  readonly #shim: ShimChannel;
  readonly #ptys: PtyPair[] = [];
  #gdb: DebuggerProcess | null = null;
  #passThrough: PassThrough | null = null;
  #ending: Ending | null = null;
  #target: Promise<string> = Promise.resolve("");
  #miTty: string | null = null;
  #failure: Error | null = null;

  constructor(parts: FrontEndParts) {
    this.#parts = parts;
    this.#shim = new ShimChannel(join(parts.directory, "shim.sock"), this.#client());
  }

  async toItsEnd(): Promise<number> {
    const { time, directory } = this.#parts;
    await this.#shim.listen();
    this.#ending = endOnSignals(() => this.#gdb?.kill("SIGHUP"));
    const gdb = this.#startGdb();
    this.#gdb = gdb;
    // After gdb's start: descriptors of a pty are inherited by children (node-pty sets no close-on-exec).
    const mi = this.#openMi();
    const target = this.#parts.time.target;
    time.connect({
      debugger: new GdbDebugger({ shim: this.#shim, mi, target }),
      console: {
        print: async (text) => void (await this.#shim.request("print", { text })),
        runScript: async (path) => void (await this.#shim.request("script", { path })),
      },
      cancel: () => this.#shim.cancelCommand(),
      resuming: () => this.#passThrough?.showDebuggerOutput(),
    });
    this.#target = time.listen(join(directory, "gdb.sock"));
    this.#target.catch(() => {});
    await this.#untilGreeted(gdb);
    const status = await gdb.exited;
    if (this.#failure !== null) throw this.#failure;
    if (this.#ending.status !== null) return this.#ending.status;
    return status.signal > 0 ? 128 + status.signal : status.code;
  }

  async close(): Promise<void> {
    await killAtEnd(this.#gdb);
    this.#parts.terminal?.restore();
    this.#shim.close();
    for (const pty of this.#ptys) pty.close();
    // An engine that does not come back is left: it ends with us, and the kernel ends the program.
    const late = timeout(closeDeadlineMs);
    await Promise.race([this.#parts.time.close(), late.passed]);
    late.cancel();
  }

  #startGdb(): DebuggerProcess {
    const { options, program, terminal, gdbPath } = this.#parts;
    const launch: GdbLaunch = {
      options: options.gdbOptions,
      program,
      programArguments: options.programArguments,
      socketPath: this.#shim.path,
    };
    const start = {
      path: gdbPath,
      arguments: gdbArguments(launch),
      environment: gdbEnvironment(launch),
    };
    if (terminal === null) {
      // gdb gets the ^C of its terminal itself, and acts on it; between two steps of a fred command it may lose it.
      process.on("SIGINT", () => this.#shim.cancelCommand());
      return this.#mortal(startInherited(start));
    }
    const gdb = startInTerminal(start, terminal.size);
    this.#passThrough = new PassThrough(terminal, gdb, () => this.#shim.cancelCommand());
    this.#passThrough.start(() => this.#ending?.end("SIGHUP"));
    // ^C comes as a key; a SIGINT is somebody's kill, and gdb is not in our process group.
    process.on("SIGINT", () => {
      this.#shim.cancelCommand();
      gdb.kill("SIGINT");
    });
    return this.#mortal(gdb);
  }

  #mortal<T extends DebuggerProcess | DebuggerInTerminal>(gdb: T): T {
    onDeath(() => gdb.kill("SIGKILL"));
    return gdb;
  }

  #openMi(): MiChannel {
    const { terminal, options, time } = this.#parts;
    const pty = this.#openPty(machineTerminal);
    this.#miTty = pty.path;
    const mi = new MiChannel(pty);
    if (terminal === null || options.tty !== null) {
      time.setTerminal(options.tty);
      return mi;
    }
    const program = this.#openPty({ ...terminal.size, isRaw: false });
    time.setTerminal(program.path);
    this.#passThrough?.connectProgram(program);
    mi.onRunState((isRunning) => this.#passThrough?.setProgramRuns(isRunning));
    return mi;
  }

  #openPty(shape: { columns: number; rows: number; isRaw: boolean }): PtyPair {
    const pty = new PtyPair(shape);
    this.#ptys.push(pty);
    return pty;
  }

  /** Resolves when gdb has greeted or ended (then `exited` tells); throws when it is no usable gdb. */
  async #untilGreeted(gdb: DebuggerProcess): Promise<void> {
    const greeted = this.#shim.greeted.then(
      () => "greeted" as const,
      () => "closed" as const,
    );
    const ended = gdb.exited.then(() => "ended" as const);
    const late = timeout(greetingDeadlineMs);
    const first = await Promise.race([greeted, ended, late.passed]);
    late.cancel();
    if (first === "greeted" || this.#failure !== null) return;
    const failure = await diagnoseGdb(this.#parts.gdbPath);
    if (failure !== null) throw failure;
    // A good gdb: slow, or an init file has ended it.
    await Promise.race([greeted, ended]);
  }

  #client(): ShimClient {
    const { time } = this.#parts;
    return {
      hello: async ({ gdbVersion }) => await this.#setup(gdbVersion),
      command: async (call, signal) => await time.command(call.name, call.argument, signal),
      prompt: async (report) => await time.prompt(report),
      scratch: async (phase, options) => await time.scratch(phase, options),
      interrupt: () => time.target.interrupt(),
    };
  }

  /** A failure here is shown by us once gdb has gone: the shim leaves gdb when `hello` fails. */
  async #setup(gdbVersion: string): Promise<ShimSetup> {
    const { options, time, terminal, gdbPath } = this.#parts;
    try {
      checkGdbVersion(gdbPath, gdbVersion);
      return {
        commands: time.commands,
        refusals,
        statements: options.statements,
        target: await this.#target,
        miTty: this.#miTty,
        isBatch: options.isBatch,
        readsStdin: terminal === null && !options.isBatch && !process.stdin.isTTY,
        allowSideEffects: options.allowSideEffects,
      };
    } catch (error) {
      this.#failure = error instanceof Error ? error : new Error(String(error));
      throw error;
    }
  }
}

function timeout(deadlineMs: number): { readonly passed: Promise<"late">; cancel(): void } {
  let timer: NodeJS.Timeout | undefined;
  const passed = new Promise<"late">((resolve) => {
    timer = setTimeout(() => resolve("late"), deadlineMs);
  });
  return { passed, cancel: () => clearTimeout(timer) };
}
