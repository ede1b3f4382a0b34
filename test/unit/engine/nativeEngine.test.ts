import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { LaunchOptions } from "../../../src/engine/engine.ts";
import { engineErrorCode } from "../../../src/engine/engineErrors.ts";
import { addonPath, loadAddon } from "../../../src/engine/nativeAddon.ts";
import { NativeEngine } from "../../../src/engine/nativeEngine.ts";

const source = `
#include <unistd.h>
volatile int counter;
int main(int argc, char **argv) {
  if (argc > 1) for (;;) counter++;
  return 7;
}`;

let directory: string;
let program: string;

/** pids whose /proc entry is alive and not a zombie. */
function isAlive(pid: number): boolean {
  const state = spawnSync("ps", ["-o", "stat=", "-p", String(pid)], { encoding: "utf8" }).stdout.trim();
  return state !== "" && !state.startsWith("Z");
}

function options(...args: string[]): LaunchOptions {
  return {
    path: program,
    argv: [program, ...args],
    env: [],
    cwd: directory,
    disableAslr: true,
    tty: null,
    redirections: [{ fd: 0, target: "/dev/null", mode: "read" }],
    checkpointHz: 10,
    tracker: "auto",
  };
}

const ticksWhileRunning = 20;

describe.skipIf(!existsSync(addonPath))("the native engine (skipped when native/build is missing)", () => {
  beforeAll(() => {
    directory = mkdtempSync(path.join(tmpdir(), "fred-native-"));
    program = path.join(directory, "program");
    writeFileSync(`${program}.c`, source);
    execFileSync("gcc", ["-g", "-O0", "-o", program, `${program}.c`]);
  });

  afterAll(() => rmSync(directory, { recursive: true }));

  it("launches, steps, reads and runs to the end without blocking the event loop", async () => {
    const engine = new NativeEngine();
    const launched = await engine.launch(options());
    expect(launched).toMatchObject({ kind: "launched", event: 0, isAtHead: true });
    const registers = await engine.readRegisters();
    expect(registers.general).toHaveLength(27 * 8);
    expect(engine.readMemory(launched.pc, 16)).toHaveLength(16);
    expect(await engine.resume({ mode: "step" })).toMatchObject({ kind: "step", pid: launched.pid });
    expect(await engine.resume({ mode: "continue" })).toMatchObject({ kind: "exited", code: 7 });
    await engine.close();
    expect(isAlive(launched.pid)).toBe(false);
  });

  it("is interrupted, also when the interrupt comes before the tracer thread has begun the run", async () => {
    const engine = new NativeEngine();
    await engine.launch(options("spin"));
    for (let i = 0; i < 5; i++) {
      let ticks = 0;
      const run = engine.resume({ mode: "continue" });
      // Node's own loop goes on while the program runs.
      const timer = setInterval(() => ++ticks === ticksWhileRunning && engine.interrupt(), 1);
      if (i % 2 === 0) engine.interrupt();
      expect(await run).toMatchObject({ kind: "interrupted" });
      clearInterval(timer);
      if (i % 2 === 1) expect(ticks).toBeGreaterThanOrEqual(ticksWhileRunning);
    }
    await engine.close();
  });

  it("makes FredErrors that keep the engine's code", async () => {
    const engine = new NativeEngine();
    const failure = await engine
      .launch({ ...options(), path: "/no/such/program" })
      .catch((error: unknown) => error);
    expect(failure).toMatchObject({ name: "FredError", kind: "cannotStart" });
    expect(engineErrorCode(failure)).toBe("EXEC");
    await expect(engine.readRegisters()).rejects.toMatchObject({ kind: "noProcess" });
    await engine.launch(options());
    expect(() => engine.readMemory(0n, 8)).toThrow();
    await engine.close();
    await expect(engine.kill()).rejects.toMatchObject({ kind: "engineFailed" });
    expect(() => engine.readMemory(0n, 8)).toThrow(/closed/);
  });

  it("refuses arguments of the wrong type with the property's name", () => {
    const engine = new (loadAddon().Engine)();
    expect(() => engine.launch({} as LaunchOptions)).toThrow("path must be a string");
    expect(() => engine.resume({ mode: "jump" } as never)).toThrow('mode: unknown value "jump"');
    expect(() => engine.readMemory(5 as never, 1)).toThrow("address must be a bigint");
  });

  it("tells where the components of the XSAVE area lie", () => {
    const { size, components } = loadAddon().xsaveLayout();
    expect(components.find(({ index }) => index === 2)).toMatchObject({ offset: 576, size: 256 });
    for (const { offset, size: length } of components.filter((c) => c.index < 11))
      expect(offset + length).toBeLessThanOrEqual(size);
  });

  const script = (ending: string) => `
    import { Worker, isMainThread, parentPort } from "node:worker_threads";
    import { createRequire } from "node:module";
    const { Engine } = createRequire(import.meta.url)(${JSON.stringify(addonPath)});
    const engine = new Engine();
    const stop = await engine.launch(${JSON.stringify(options("spin"))});
    console.log(stop.pid);
    engine.resume({ mode: "continue" });
    ${ending}`;

  it.each([
    ["process.exit", "setTimeout(() => process.exit(3), 50);", 3],
    ["an uncaught exception", "setTimeout(() => { throw new Error('x'); }, 50);", 1],
    ["process.reallyExit", "setTimeout(() => process.reallyExit(4), 50);", 4],
  ])("ends the debuggee on %s", (_, ending, status) => {
    const file = path.join(directory, "ending.mjs");
    writeFileSync(file, script(ending));
    const run = spawnSync(process.execPath, [file], { encoding: "utf8", timeout: 20_000 });
    expect(run.status).toBe(status);
    expect(isAlive(Number(run.stdout.trim()))).toBe(false);
  });

  it("ends the debuggee when a worker that runs it is terminated, and the process goes on", () => {
    const worker = path.join(directory, "worker.mjs");
    writeFileSync(worker, script(""));
    const main = path.join(directory, "main.mjs");
    writeFileSync(
      main,
      `import { Worker } from "node:worker_threads";
       const worker = new Worker(${JSON.stringify(worker)}, { stdout: true });
       const pid = await new Promise((done) => worker.stdout.once("data", (d) => done(Number(String(d)))));
       await worker.terminate();
       console.log(pid);`,
    );
    const run = spawnSync(process.execPath, [main], { encoding: "utf8", timeout: 20_000 });
    expect(run).toMatchObject({ status: 0, stderr: "" });
    expect(isAlive(Number(run.stdout.trim()))).toBe(false);
  });
});
