/** Real gdb against the server over the fake engine. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { CheckpointId } from "../../../src/engine/engine.ts";
import { RspServer } from "../../../src/rsp/server.ts";
import { FakeEngine, fakeXsave } from "../../helpers/fakeEngine.ts";
import { elfProgram } from "../../helpers/fakeProgram.ts";
import { runGdb } from "../../helpers/gdbSession.ts";

let directory: string;
let program: string;
let engine: FakeEngine;
let server: RspServer;
let socketCount = 0;
let socket: string;

beforeAll(() => {
  directory = mkdtempSync(path.join(tmpdir(), "fred-gdb-"));
  program = path.join(directory, "straight");
  const source = fileURLToPath(new URL("straight.c", import.meta.url));
  const flags = "-g -O0 -static -nostdlib -no-pie -fcf-protection=none -fno-asynchronous-unwind-tables";
  execFileSync("gcc", [...flags.split(" "), "-o", program, source]);
});

afterAll(() => rmSync(directory, { recursive: true }));

beforeEach(async () => {
  engine = new FakeEngine(elfProgram(program));
  server = new RspServer(engine, { xsave: fakeXsave });
  socket = path.join(directory, `s${socketCount++}`);
  await server.listen(socket);
  return () => server.close();
});

const gdb = (...commands: string[]) => runGdb({ socket, program, commands });

describe("gdb", () => {
  it("runs to a breakpoint, steps, prints, disassembles and reads vector registers", async () => {
    const output = await gdb(
      "break 7",
      "run",
      "next",
      "print counter",
      "stepi",
      "info registers rip zmm2",
      "x/2i $pc",
      "info threads",
    );
    expect(output).toContain("Breakpoint 1, _start () at");
    expect(output).toContain("other = 2;");
    expect(output).toContain("$1 = 1");
    expect(output).toContain("v16_int32 = {0x3, 0x0 <repeats 15 times>}");
    expect(output).toMatch(/=> 0x[0-9a-f]+ <_start\+34>:\s+movl/);
    expect(output).toMatch(/\* 1\s+Thread \d+\.\d+/);
  });

  it("goes back with its own reverse commands, to the beginning of the history", async () => {
    const output = await gdb(
      "break 9",
      "run",
      "delete",
      "reverse-next",
      "print other",
      "reverse-continue",
      "print counter",
    );
    expect(output).toContain("counter = 3;");
    expect(output).toContain("$1 = 2");
    expect(output).toContain("No more reverse-execution history.");
    expect(output).toContain("$2 = 0");
  });

  it("stops at a watchpoint with the old and the new value", async () => {
    const output = await gdb("break 7", "run", "watch counter", "continue");
    expect(output).toMatch(/Old value = 1\s+New value = 3/);
  });

  it("sends conditions as bytecode and the engine gets them", async () => {
    await gdb("break 8 if counter == 1 && $rax > 2", "run");
    const specs = engine.calls.filter(([name]) => name === "insertBreakpoint").map(([, spec]) => spec);
    expect(specs).toContainEqual(expect.objectContaining({ conditions: [expect.any(Uint8Array)] }));
  });

  it("steps over its breakpoint at pc, also with breakpoints always inserted", async () => {
    for (const mode of ["off", "on"]) {
      const output = await gdb(
        `set breakpoint always-inserted ${mode}`,
        "break 7",
        "break 8",
        "run",
        "continue",
        "continue",
        "run",
        "continue",
      );
      expect(output.match(/Breakpoint 1, /g), mode).toHaveLength(2);
      expect(output.match(/Breakpoint 2, /g), mode).toHaveLength(2);
      expect(output).toContain("exited normally");
    }
  });

  it("kills, runs again, and changes variables and registers", async () => {
    const output = await gdb(
      "break 8",
      "run",
      "kill",
      "run",
      "set var other = 77",
      "print other",
      "set $rax = 5",
      "print $rax",
    );
    expect(output).toContain("$1 = 77");
    expect(output).toContain("$2 = 5");
    expect(engine.calls.map(([name]) => name)).not.toContain("startBranch");
  });

  it("takes a staged travel for a plain stop, without breakpoint hits", async () => {
    let checkpoint: CheckpointId | null = null;
    server.onEvent((event) => {
      if (event.kind !== "stopped" || event.stop.kind !== "breakpoint") return;
      if (checkpoint === null)
        void engine.takeCheckpoint("stop").then((info) => {
          checkpoint = info.id;
        });
      else server.stageTravel(checkpoint);
    });
    const output = await gdb(
      "break 7",
      "break 9",
      "run",
      "continue",
      "stepi",
      "info breakpoints",
      "print counter",
    );
    expect(output.match(/breakpoint already hit 1 time/g)).toHaveLength(2);
    expect(output).toContain("$1 = 1");
    expect(output).not.toContain("SIGTRAP");
  });

  it("comes back from the end of the program by attach", async () => {
    let checkpoint: CheckpointId | null = null;
    server.onEvent((event) => {
      if (event.kind === "exited" && checkpoint !== null) server.stageTravel(checkpoint);
      if (event.kind === "stopped" && event.stop.kind === "breakpoint")
        void engine.takeCheckpoint("stop").then((info) => {
          checkpoint = info.id;
        });
    });
    const output = await gdb(
      "break 7",
      "run",
      "continue",
      `attach ${process.pid}`,
      "print counter",
      "next",
      "print other",
      "continue",
    );
    expect(output).toContain("exited normally");
    expect(output).toContain("$1 = 1");
    expect(output).toContain("$2 = 2");
    expect(output.match(/exited normally/g)).toHaveLength(2);
  });

  it("reads /proc and the executable through the server with the default sysroot", async () => {
    const output = await gdb("set sysroot target:", "starti", "info proc");
    expect(output).toContain(`process ${process.pid}`);
    expect(output).toContain("exe = '");
  });
});
