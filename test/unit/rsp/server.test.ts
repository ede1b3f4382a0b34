import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { CheckpointId } from "../../../src/engine/engine.ts";
import type { RspEvent } from "../../../src/rsp/events.ts";
import { RspServer } from "../../../src/rsp/server.ts";
import { FakeEngine, type FakeProgram, fakeXsave } from "../../helpers/fakeEngine.ts";
import { RspClient } from "../../helpers/rspClient.ts";

const base = 0x401000n;
const counter = 0x402000n;
const hex = (text: string) => Buffer.from(text).toString("hex");

/** 20 instructions of one byte; the one at 0x401005 writes 7 to the counter, SIGUSR1 arrives before 0x40100a. */
const program: FakeProgram = {
  pcs: Array.from({ length: 20 }, (_, i) => base + BigInt(i)),
  memory: [
    { address: base, bytes: new Uint8Array(32).fill(0x90) },
    { address: counter, bytes: new Uint8Array(64) },
  ],
  effects: [{ index: 5, address: counter, bytes: Uint8Array.of(7) }],
  exitCode: 3,
};

let directory: string;
let engine: FakeEngine;
let server: RspServer;
let client: RspClient;
let events: RspEvent[];

async function serve(used: FakeProgram): Promise<void> {
  engine = new FakeEngine(used);
  server = new RspServer(engine, { xsave: fakeXsave, env: { HOME: "/root", LANG: "C" } });
  events = [];
  server.onEvent((event) => events.push(event));
  await server.listen(path.join(directory, "gdb.sock"));
  client = await RspClient.connect(path.join(directory, "gdb.sock"));
}

beforeEach(async () => {
  directory = mkdtempSync(path.join(tmpdir(), "fred-rsp-"));
  await serve(program);
});

afterEach(async () => {
  await client.close();
  await server.close();
  rmSync(directory, { recursive: true });
});

async function reserve(used: FakeProgram): Promise<void> {
  await client.close();
  await server.close();
  await serve(used);
}

const run = (...words: string[]) => client.ask(["vRun", hex("/bin/prog"), ...words.map(hex)].join(";"));
const kinds = () => events.map((event) => event.kind);
const callNames = () => engine.calls.map(([name]) => name);

describe("launching", () => {
  it("is W00 before a run, and a T05 with thread and expedited registers after vRun", async () => {
    expect(await client.ask("?")).toBe("W00");
    const thread = `p${process.pid.toString(16)}.${process.pid.toString(16)}`;
    const reply = await run("a b", "c");
    expect(reply).toMatch(
      new RegExp(`^T05thread:${thread};06:[0-9a-f]{16};07:[0-9a-f]{16};10:0010400000000000;$`),
    );
    expect(engine.launched).toMatchObject({
      path: "/bin/prog",
      argv: ["/bin/prog", "a b", "c"],
      redirections: [],
    });
    expect(await client.ask("?")).toBe(reply);
    expect(kinds()).toEqual(["launched"]);
  });

  it("turns < and > into redirections relative to gdb's cwd, unless startup-with-shell is off", async () => {
    await client.ask(`QSetWorkingDir:${hex("/var")}`);
    await run("x", "<", "in");
    expect(engine.launched).toMatchObject({
      cwd: "/var",
      argv: ["/bin/prog", "x"],
      redirections: [{ fd: 0, target: "/var/in", mode: "read" }],
    });
    await client.ask("QStartupWithShell:0");
    await run("x", "<", "in");
    expect(engine.launched).toMatchObject({ argv: ["/bin/prog", "x", "<", "in"], redirections: [] });
  });

  it("takes the arguments as typed from monitor fred arguments while they are those of the run", async () => {
    await client.ask(`qRcmd,${hex(`fred arguments '>' "a b" >out`)}`);
    await run(">", "a b", ">out");
    expect(engine.launched?.argv).toEqual(["/bin/prog", ">", "a b"]);
    expect(engine.launched?.redirections).toHaveLength(1);
    await run("y");
    expect(engine.launched?.argv).toEqual(["/bin/prog", "y"]);
  });

  it("applies gdb's changes of the environment, and forgets them on reset", async () => {
    await client.ask(`QEnvironmentHexEncoded:${hex("FOO=a=b")}`);
    await client.ask(`QEnvironmentUnset:${hex("LANG")}`);
    await run();
    expect(engine.launched?.env).toEqual(["HOME=/root", "FOO=a=b"]);
    await client.ask("QEnvironmentReset");
    await client.ask("QDisableRandomization:0");
    await run();
    expect(engine.launched).toMatchObject({ env: ["HOME=/root", "LANG=C"], disableAslr: false });
  });

  it("is E01 and a message when the program cannot be started", async () => {
    expect(await client.ask(`vRun;${hex("/missing")}`)).toBe("E01");
    expect(events).toEqual([{ kind: "message", text: expect.stringContaining("/missing: No such file") }]);
    expect(await client.ask("g")).toBe("E01");
  });

  it("kills by vKill and runs again; breakpoints are forgotten", async () => {
    await run();
    await client.ask("Z0,401003,1");
    expect(await client.ask(`vKill;${process.pid.toString(16)}`)).toBe("OK");
    expect(engine.breakpoints.size).toBe(0);
    expect(await client.ask("?")).toBe("W00");
    expect(await run()).toMatch(/^T05/);
    expect(kinds()).toEqual(["launched", "killed", "launched"]);
  });
});

describe("moving", () => {
  it("continues to a breakpoint and to the end; the next process can be run", async () => {
    await run();
    expect(await client.ask("Z0,401003,1")).toBe("OK");
    expect(await client.ask("vCont;c")).toMatch(/^T05swbreak:;thread:/);
    await client.ask("z0,401003,1");
    expect(await client.ask("vCont;c:p-1.-1")).toBe(`W03;process:${process.pid.toString(16)}`);
    expect(await client.ask("m401000,4")).toBe("E01");
    expect(kinds()).toEqual(["launched", "running", "stopped", "running", "stopped", "exited"]);
    expect(await run()).toMatch(/^T05/);
  });

  it("steps, steps over a range, and picks the action for its thread", async () => {
    await run();
    const id = process.pid.toString(16);
    expect(await client.ask(`vCont;s:p${id}.${id};c`)).toContain("10:0110400000000000");
    expect(await client.ask(`vCont;s:p1.1;r401001,401006:p${id}.${id};c`)).toContain("10:0610400000000000");
    expect(await client.ask("vCont;x")).toBe("E16");
  });

  it("reports watchpoints with their address", async () => {
    await run();
    await client.ask("Z2,402000,4");
    expect(await client.ask("vCont;c")).toContain("watch:402000;");
    await client.ask("z2,402000,4");
    expect(await client.ask("Z9,402000,4")).toBe("");
  });

  it("goes back by bs and bc; the first position is the beginning of the log", async () => {
    await run();
    await client.ask("Z0,401003,1");
    await client.ask("Z0,401008,1");
    await client.ask("vCont;c");
    await client.ask("vCont;c");
    expect(await client.ask("bs")).toContain("10:0710400000000000");
    expect(await client.ask("bc")).toMatch(/^T05swbreak:;.*10:0310400000000000/);
    expect(await client.ask("bc")).toContain("replaylog:begin;");
  });

  it("ends at the limit with the end of the log", async () => {
    await run();
    await client.ask("vCont;s");
    const { id } = await engine.takeCheckpoint("stop");
    await client.ask("bs");
    server.setLimit(id);
    expect(await client.ask("vCont;c")).toMatch(/^T05replaylog:end;.*10:0110400000000000/);
    server.setLimit(null);
    expect(await client.ask("vCont;c")).toMatch(/^W03/);
  });

  it("stops with SIGINT on an interrupt, also on one that comes at once", async () => {
    await reserve({ ...program, spinAt: 4 });
    await run();
    client.send("vCont;c");
    client.sendRaw(Buffer.of(3));
    expect(await client.reply()).toMatch(/^T02thread/);
    expect(await client.ask("m402000,1")).toBe("00");
  });

  // gdb passes ^C on while it works on a stop that it does not show (libraries loaded), and then waits for its answer.
  it("stops the next run on an interrupt that came between two resumes", async () => {
    await reserve({ ...program, spinAt: 4 });
    await run();
    client.sendRaw(Buffer.of(3));
    await client.ask("vCont;s");
    expect(await client.ask("vCont;c")).toMatch(/^T02thread/);
    expect(events.filter((event) => event.kind === "stopped").at(-1)).toMatchObject({
      stop: { kind: "interrupted" },
    });
  });

  it("an interrupt that no run has answered is forgotten at the prompt", async () => {
    await run();
    client.sendRaw(Buffer.of(3));
    await client.ask("?");
    server.forgetInterrupt();
    expect(await client.ask("vCont;c")).toMatch(/^W03/);
  });

  it("an interrupt of a gdb that has gone does not stop the next one's program", async () => {
    await run();
    client.sendRaw(Buffer.of(3));
    await client.close();
    client = await RspClient.connect(path.join(directory, "gdb.sock"));
    expect(await client.ask("vCont;c")).toMatch(/^W03/);
  });

  it("shows the text of an unsupported stop on gdb's console", async () => {
    await reserve({ ...program, unsupportedAt: 4 });
    await run();
    expect(await client.ask("vCont;c")).toMatch(/^T05thread/);
    expect(client.console).toBe("the syscall fork is not supported\n");
    expect(events).toContainEqual({ kind: "message", text: "the syscall fork is not supported" });
  });
});

describe("signals", () => {
  const signals = new Map([[10, 10]]);

  it("are reported with gdb's number and delivered on resume", async () => {
    await reserve({ ...program, signals });
    await run();
    expect(await client.ask("vCont;c")).toMatch(/^T1ethread/);
    expect(await client.ask("qXfer:siginfo:read::0,100")).toMatch(/^l\n/);
    await client.ask("vCont;C1e");
    expect(engine.calls).toContainEqual(["resume", { mode: "continue", signal: 10 }]);
  });

  it("that gdb does not want are delivered without a stop", async () => {
    await reserve({ ...program, signals });
    await run();
    await client.ask("QPassSignals:e;1e;14");
    expect(await client.ask("vCont;c")).toMatch(/^W03/);
    expect(engine.calls).toContainEqual(["resume", { mode: "continue", signal: 10 }]);
  });

  it("are reported during steps all the same", async () => {
    await reserve({ ...program, signals });
    await run();
    await client.ask("QPassSignals:1e");
    expect(await client.ask("vCont;r401000,401020")).toMatch(/^T1e/);
  });
});

describe("travel", () => {
  let checkpoint: CheckpointId;
  beforeEach(async () => {
    await run();
    await client.ask("vCont;s");
    checkpoint = (await engine.takeCheckpoint("stop")).id;
  });

  it.each(["vCont;c", "vCont;s", "bs", "bc", `vRun;${hex("/bin/prog")}`, "vAttach;1"])(
    "staged, takes the place of %s and answers signal 0",
    async (packet) => {
      await client.ask("vCont;r401000,401009");
      server.stageTravel(checkpoint);
      expect(await client.ask(packet)).toMatch(/^T00thread:.*10:0110400000000000/);
      expect(callNames().filter((name) => name === "restore")).toHaveLength(1);
      expect(await client.ask("vCont;s")).toContain("10:0210400000000000");
    },
  );

  it("brings a process back whose end gdb has heard", async () => {
    expect(await client.ask("vCont;c")).toMatch(/^W03/);
    expect(await client.ask("vAttach;1")).toBe("E01");
    server.stageTravel(checkpoint);
    expect(await client.ask("vAttach;1")).toMatch(/^T00thread:/);
    expect(await client.ask("m401000,2")).toBe("9090");
  });

  it("that fails leaves the program where it is and says why", async () => {
    server.stageTravel(99 as CheckpointId);
    expect(await client.ask("vCont;c")).toMatch(/^T00.*10:0110400000000000/);
    expect(client.console).toContain("there is no checkpoint 99");
  });
});

describe("changing", () => {
  beforeEach(async () => {
    await run();
    await client.ask("vCont;r401000,401003");
  });

  it("at the head writes memory and registers", async () => {
    expect(await client.ask("M402001,2:0a0b")).toBe("OK");
    expect(await client.ask("X402003,3:}\x03*}]")).toBe("OK");
    expect(await client.ask("m402000,6")).toBe(`000a0b232a7d`);
    expect(await client.ask("P0=0900000000000000")).toBe("OK");
    expect(await client.ask("p0")).toBe("0900000000000000");
    expect(kinds()).not.toContain("branch");
  });

  it("in the past starts a branch once, and not when nothing changes", async () => {
    await client.ask("bs");
    await client.ask("M402001,1:00");
    expect(await client.ask(`P10=${"0210400000000000"}`)).toBe("OK");
    expect(callNames()).not.toContain("startBranch");
    await client.ask("M402001,1:05");
    await client.ask("P0=0700000000000000");
    expect(callNames().filter((name) => name === "startBranch")).toHaveLength(1);
    expect(events).toContainEqual({ kind: "branch", lines: ["output already written stays written"] });
  });

  it("in scratch starts no branch and is undone at its end", async () => {
    await client.ask("bs");
    await server.scratch("begin");
    await client.ask("M402001,1:05");
    await client.ask("P0=0700000000000000");
    await server.scratch("call");
    await client.ask("vCont;s");
    await server.scratch("return");
    await server.scratch("end");
    expect(callNames()).not.toContain("startBranch");
    expect(await client.ask("m402001,1")).toBe("00");
    expect(await client.ask("p0")).toBe("0200000000000000");
    expect(await client.ask("p10")).toBe("0210400000000000");
  });

  it("of all registers by G works, and a wrong length is refused", async () => {
    const all = await client.ask("g");
    expect(await client.ask(`G${all}`)).toBe("OK");
    expect(callNames()).not.toContain("writeRegisters");
    expect(await client.ask(`Gff${all.slice(2)}`)).toBe("OK");
    expect(await client.ask("p0")).toMatch(/^ff/);
    expect(await client.ask("G00")).toBe("E16");
    expect(await client.ask("P0=00")).toBe("E16");
    expect(await client.ask("p999")).toBe("E16");
  });
});

describe("breakpoints", () => {
  beforeEach(() => run());

  it("inserted twice are in once; other conditions replace the old ones", async () => {
    await client.ask("Z0,401003,1");
    await client.ask("Z0,401003,1");
    expect(callNames().filter((name) => name === "insertBreakpoint")).toHaveLength(1);
    expect(await client.ask("Z0,401003,1;X2,2227X3,220127")).toBe("OK");
    expect([...engine.breakpoints.values()]).toMatchObject([
      { conditions: [Uint8Array.of(0x22, 0x27), Uint8Array.of(0x22, 1, 0x27)] },
    ]);
    expect(await client.ask("z0,401003,1")).toBe("OK");
    expect(await client.ask("z0,401003,1")).toBe("OK");
    expect(engine.breakpoints.size).toBe(0);
  });

  it("where nothing is mapped are accepted and tried again at each resume", async () => {
    expect(await client.ask("Z0,7f0000,1")).toBe("OK");
    await client.ask("vCont;s");
    expect(callNames().filter((name) => name === "insertBreakpoint")).toHaveLength(2);
    expect(await client.ask("z0,7f0000,1")).toBe("OK");
    expect(callNames()).not.toContain("removeBreakpoint");
  });

  it("that are malformed are refused", async () => {
    for (const packet of ["Z0,xyz,1", "Z0,1", "Z0,401003,1;X5,00", "Z0,401003,1;Xzz,00"])
      expect(await client.ask(packet)).toBe("E16");
  });
});

describe("asking", () => {
  it("qSupported names every feature of the table", async () => {
    const features = (await client.ask("qSupported:multiprocess+")).split(";");
    for (const feature of ["PacketSize=10000", "QStartNoAckMode+", "multiprocess+", "swbreak+", "hwbreak+"])
      expect(features).toContain(feature);
    for (const feature of ["ReverseStep+", "ReverseContinue+", "ConditionalBreakpoints+", "QPassSignals+"])
      expect(features).toContain(feature);
    for (const object of ["features", "auxv", "exec-file", "siginfo", "libraries-svr4"])
      expect(features).toContain(`qXfer:${object}:read+`);
  });

  it("reads memory as far as it is mapped, and is EFAULT where nothing is", async () => {
    await run();
    expect(await client.ask("m40101e,8")).toBe("9090");
    expect(await client.ask("x40101e,8")).toBe("b\x90\x90");
    expect(await client.ask("m0,8")).toBe("E0e");
    expect(await client.ask("m")).toBe("E16");
  });

  it("transfers objects in pieces", async () => {
    await run();
    const whole = await client.ask("qXfer:features:read:target.xml:0,ffff");
    let pieces = "";
    for (let offset = 0; ; offset += 0x100) {
      const piece = await client.ask(`qXfer:features:read:target.xml:${offset.toString(16)},100`);
      pieces += piece.slice(1);
      if (piece.startsWith("l")) break;
    }
    expect(`l${pieces}`).toBe(whole);
    expect(await client.ask("qXfer:features:read:other.xml:0,100")).toBe("E00");
    expect(await client.ask("qXfer:exec-file:read::0,100")).toBe("l/bin/prog");
    expect(await client.ask("qXfer:auxv:read::0,1000")).toMatch(/^l/);
    expect(await client.ask("qXfer:nothing:read::0,1000")).toBe("");
  });

  it("names its thread", async () => {
    expect(await client.ask("qfThreadInfo")).toBe("l");
    await run();
    const id = process.pid.toString(16);
    expect(await client.ask("qC")).toBe(`QCp${id}.${id}`);
    expect(await client.ask("qfThreadInfo")).toBe(`mp${id}.${id}`);
    expect(await client.ask("qsThreadInfo")).toBe("l");
    expect(await client.ask(`Hgp${id}.${id}`)).toBe("OK");
    expect(await client.ask("Hc-1")).toBe("OK");
    expect(await client.ask(`Tp${id}.${id}`)).toBe("OK");
    expect(await client.ask("Tp1.1")).toBe("E01");
    expect(await client.ask(`qAttached:${id}`)).toBe("0");
  });

  it("reads host files by vFile and writes none", async () => {
    const file = path.join(directory, "data");
    writeFileSync(file, "he}llo");
    expect(await client.ask("vFile:setfs:0")).toBe("F0");
    const fd = (await client.ask(`vFile:open:${hex(file)},0,0`)).slice(1);
    expect(await client.ask(`vFile:pread:${fd},100,2`)).toBe("F4;}llo");
    expect(await client.ask(`vFile:fstat:${fd}`)).toMatch(/^F40;/);
    expect(await client.ask(`vFile:close:${fd}`)).toBe("F0");
    expect(await client.ask(`vFile:close:${fd}`)).toBe("F-1,9");
    expect(await client.ask(`vFile:open:${hex("/no/such")},0,0`)).toBe("F-1,2");
    expect(await client.ask(`vFile:open:${hex(file)},601,1b6`)).toBe("F-1,1e");
  });

  it("answers monitor commands", async () => {
    const ask = async (line: string) => Buffer.from(await client.ask(`qRcmd,${hex(line)}`), "hex").toString();
    expect(await ask("help")).toContain("monitor fred position");
    expect(await ask("fred position")).toContain("No program");
    await run();
    await engine.takeCheckpoint("user");
    expect(await ask("fred position")).toContain("event 0 of 0, at the head");
    expect(await ask("fred checkpoints")).toContain("* 1 user event 0 pc 0x401000");
    expect(await ask("nonsense")).toContain('no monitor command "nonsense"');
  });

  it("unknown packets get the empty reply", async () => {
    for (const packet of ["qNonsense", "vMustReplyEmpty", "QTStatus", "_", "jc", "b1"])
      expect(await client.ask(packet)).toBe("");
  });
});

describe("connections", () => {
  it("a second gdb is refused while one is connected; a later one finds the program", async () => {
    await run();
    const stop = await client.ask("?");
    const socket = path.join(directory, "gdb.sock");
    const second = await RspClient.connectRaw(socket);
    await second.close();
    client = await (await RspClient.connectAfter(client, socket)).negotiate();
    expect(await client.ask("?")).toBe(stop);
  });

  it("a gdb that goes away while the program runs leaves it stopped", async () => {
    await reserve({ ...program, spinAt: 4 });
    await run();
    client.send("vCont;c");
    await expect.poll(() => kinds().at(-1)).toBe("running");
    await client.close();
    await expect.poll(() => kinds().at(-1)).toBe("stopped");
    client = await RspClient.connect(path.join(directory, "gdb.sock"));
    expect(await client.ask("?")).toMatch(/^T02/);
  });

  it("the next gdb is answered when what the last one ran has stopped", async () => {
    await reserve({ ...program, spinAt: 4, interruptTakesMs: 50 });
    await run();
    client.send("vCont;c");
    await expect.poll(() => kinds().at(-1)).toBe("running");
    await client.close();
    client = await RspClient.connect(path.join(directory, "gdb.sock"));
    expect(await client.ask("?")).toMatch(/^T02/);
  });

  it("a packet with a wrong checksum is asked for again, and answered then", async () => {
    client = await RspClient.connectAfter(client, path.join(directory, "gdb.sock"));
    client.sendRaw(Buffer.from("$?#00"));
    expect(await client.ask("?")).toBe("W00");
    client.sendRaw(Buffer.from("-"));
    expect(await client.reply()).toBe("W00");
  });
});
