/** Starts the programs of test/targets under the engine, and drives them as gdb would. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type {
  CheckpointId,
  CheckpointInfo,
  LaunchOptions,
  ResumeOptions,
  Stop,
} from "../../src/engine/engine.ts";
import { NativeEngine } from "../../src/engine/nativeEngine.ts";
import { cpuSupports, target, targetPath, type Variant } from "../helpers/targets.ts";
import { type TargetName, targetNames } from "../targets/index.ts";
import { differences, type Snapshot, takeSnapshot } from "./snapshot.ts";

export interface Program {
  readonly path: string;
  readonly argv: readonly string[];
  readonly stdin?: string;
  /** Read from there instead. */
  readonly stdinPath?: string;
  readonly env?: readonly string[];
}

export type Settings = Partial<Pick<LaunchOptions, "checkpointHz" | "tracker" | "disableAslr">>;

/** What cannot be recorded by a session is refused (refused.test.ts); to attach shared memory is for root (README, Limits). */
const notHere = ["exec", "compat", ...(process.getuid?.() === 0 ? [] : ["attach"])];

/** The targets that this processor runs and that are recorded whole. */
export const recordable: readonly TargetName[] = targetNames.filter(
  (name) => cpuSupports(name) && !target(name).needs.some((need) => notHere.includes(need)),
);

export function program(name: TargetName, variant: Variant = ""): Program {
  const row = target(name);
  const file = targetPath(name, variant);
  return { path: file, argv: [file, ...row.args], stdin: row.stdin };
}

/** One engine with one debuggee in a folder of its own. */
export class Recording {
  readonly engine = new NativeEngine();
  readonly folder = mkdtempSync(path.join(tmpdir(), "fred-engine-"));
  readonly #program: Program;
  readonly #settings: Settings;
  pid = 0;

  constructor(what: Program, settings: Settings = {}) {
    this.#program = what;
    this.#settings = settings;
  }

  static async launch(what: Program, settings: Settings = {}): Promise<Recording> {
    const recording = new Recording(what, settings);
    try {
      await recording.launch();
    } catch (error) {
      await recording[Symbol.asyncDispose]();
      throw error;
    }
    return recording;
  }

  async launch(more: Partial<LaunchOptions> = {}): Promise<Stop> {
    writeFileSync(path.join(this.folder, ".in"), this.#program.stdin ?? "");
    const stop = await this.engine.launch({
      path: this.#program.path,
      argv: this.#program.argv,
      env: this.#program.env ?? ["PATH=/usr/bin:/bin", "LANG=C"],
      cwd: this.folder,
      disableAslr: true,
      tty: null,
      redirections: [
        { fd: 0, target: this.#program.stdinPath ?? path.join(this.folder, ".in"), mode: "read" },
        { fd: 1, target: path.join(this.folder, ".out"), mode: "write" },
        { fd: 2, target: path.join(this.folder, ".err"), mode: "write" },
      ],
      checkpointHz: 10,
      tracker: "auto",
      ...this.#settings,
      ...more,
    });
    this.pid = stop.pid;
    return stop;
  }

  output(): string {
    return readFileSync(path.join(this.folder, ".out"), "latin1");
  }

  /** Resumes until something other than a signal stops the debuggee; signals are passed on, as gdb does. */
  async resume(options: ResumeOptions = { mode: "continue" }): Promise<Stop> {
    let stop = await this.engine.resume(options);
    while (stop.kind === "signal") stop = await this.engine.resume({ ...options, signal: stop.signal });
    return stop;
  }

  /** From the present position to the later state; "historyEnd" when it was met. */
  resumeTo(limit: CheckpointId): Promise<Stop> {
    return this.resume({ mode: "continue", limit });
  }

  /** To the program's end; the checkpoints there and at the start. */
  async record(): Promise<{ start: CheckpointInfo; head: CheckpointInfo; end: Stop }> {
    const end = await this.resume();
    const head = await this.engine.takeCheckpoint("stop");
    const start = (await this.engine.timeline()).past[0];
    if (start === undefined) throw new Error("a timeline without a start");
    return { start, head, end };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.engine.close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** How the present state differs from one that was seen. */
export async function differencesTo(seen: Snapshot, recording: Recording): Promise<string[]> {
  return differences(seen, await takeSnapshot(recording.engine, recording.pid));
}

/** Text of a stop for messages. */
export function render(stop: Stop): string {
  const { pid: _pid, tid: _tid, ...rest } = stop;
  return JSON.stringify(rest, (_, value) => (typeof value === "bigint" ? `0x${value.toString(16)}` : value));
}
