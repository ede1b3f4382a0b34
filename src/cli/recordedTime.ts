/** The time machine of `fred-ts gdb`: the native engine, the RSP server that gdb connects to, and the reversible session. */
import type { Engine, Stop } from "../engine/engine.ts";
import { NativeEngine } from "../engine/nativeEngine.ts";
import { FredError } from "../errors.ts";
import type { GdbDebugger, TravelTarget } from "../fred/backend/gdb/gdbDebugger.ts";
import type {
  Completion,
  PromptReport,
  ScratchPhase,
  ShimCommand,
} from "../fred/backend/gdb/shimProtocol.ts";
import type { CommandSpec } from "../fred/commands/spec.ts";
import { commandTable } from "../fred/commands/table.ts";
import { ReversibleDebugger } from "../fred/session.ts";
import { RspServer } from "../rsp/server.ts";
import { consoleUi } from "./consoleUi.ts";
import type { GdbOptions } from "./gdbOptions.ts";
import type { CommandConsole, TimeMachine } from "./timeMachine.ts";

const slowTrackerNote =
  "note: changed memory is found by comparing all of it, so checkpoints take longer; Linux 6.7 or newer that allows userfaultfd does better.";

export async function makeTimeMachine(options: GdbOptions): Promise<TimeMachine> {
  const engine = new NativeEngine();
  return new RecordedTime(options, engine, new RspServer(engine));
}

export class RecordedTime implements TimeMachine {
  readonly commands = commandTable.map(toShimCommand);
  readonly target: TravelTarget;
  readonly #options: GdbOptions;
  readonly #engine: Engine;
  readonly #server: RspServer;
  #session: ReversibleDebugger | null = null;
  #console: CommandConsole | null = null;
  #cancel: () => void = () => {};
  #resuming: () => void = () => {};
  /** There is a process to travel in, also when it has come to its end (gdb then thinks there is none). */
  #hasProcess = false;
  #isRunning = false;
  /** The interruption that comes is ours, not the user's ^C. */
  #isInterrupting = false;
  /** gdb has changed the past since the last prompt. */
  #hasBranched = false;
  #hasToldTracker = false;
  /** Lines for the user that wait for a time when gdb can print them. */
  #lines: string[] = [];

  constructor(options: GdbOptions, engine: Engine, server: RspServer) {
    this.#options = options;
    this.#engine = engine;
    this.#server = server;
    this.target = {
      stageTravel: (id) => this.#server.stageTravel(id),
      restoreUnseen: async (id) => (isEnd(await this.#engine.restore(id)) ? "ended" : "alive"),
      setLimit: (id) => this.#server.setLimit(id),
      interrupt: () => {
        this.#isInterrupting = true;
        this.#server.interrupt();
      },
      forgetInterrupt: () => {
        this.#isInterrupting = false;
        this.#server.forgetInterrupt();
      },
    };
    this.#listen();
  }

  connect(parts: {
    readonly debugger: GdbDebugger;
    readonly console: CommandConsole;
    readonly cancel: () => void;
    readonly resuming: () => void;
  }): void {
    this.#resuming = parts.resuming;
    this.#console = parts.console;
    this.#cancel = parts.cancel;
    this.#session = new ReversibleDebugger({
      debugger: parts.debugger,
      engine: this.#engine,
      nowMs: () => performance.now(),
    });
  }

  async listen(socketPath: string): Promise<string> {
    await this.#server.listen(socketPath);
    return socketPath;
  }

  setTerminal(tty: string | null): void {
    const { checkpointHz, tracker, recording } = this.#options;
    this.#server.setLaunchDefaults({ tty, checkpointHz, tracker, recording });
  }

  async command(name: string, argument: string, signal: AbortSignal): Promise<void> {
    if (this.#session === null || this.#console === null) return;
    try {
      await this.#session.run(`${name} ${argument}`.trim(), consoleUi(this.#console, signal));
    } catch (error) {
      if (!(error instanceof FredError) || error.blame !== "nobody") throw error;
    }
    await this.#printLines();
  }

  async prompt(report: PromptReport): Promise<void> {
    this.#server.forgetInterrupt();
    const changed = report.changed || this.#hasBranched;
    this.#hasBranched = false;
    await this.#tellTracker();
    if (this.#hasProcess) this.#lines.push(...(await this.#engine.takeNotes()));
    const lines = await this.#session?.onPrompt({ ...report, changed, isAlive: this.#hasProcess });
    this.#lines.push(...(lines ?? []));
    await this.#printLines();
  }

  async scratch(phase: ScratchPhase, options: { readonly isMute: boolean }): Promise<void> {
    await this.#server.scratch(phase, options);
  }

  async close(): Promise<void> {
    await this.#server.close();
    await this.#engine.close();
  }

  #listen(): void {
    this.#server.onEvent((event) => {
      if (event.kind === "launched") this.#hasProcess = true;
      else if (event.kind === "killed") this.#hasProcess = false;
      else if (event.kind === "running") this.#running();
      else if (event.kind === "stopped") this.#stopped(event.stop.kind === "interrupted");
      // While the program runs the server itself shows messages on gdb's console.
      else if (event.kind === "message" && !this.#isRunning) this.#lines.push(event.text);
      else if (event.kind === "branch") {
        this.#hasBranched = true;
        this.#lines.push(...event.lines);
      }
    });
  }

  /** Once: why checkpoints take long here. */
  async #tellTracker(): Promise<void> {
    if (!this.#hasProcess || this.#hasToldTracker || this.#options.tracker !== "auto") return;
    this.#hasToldTracker = true;
    if ((await this.#engine.timeline()).tracker === "compare") this.#lines.push(slowTrackerNote);
  }

  #running(): void {
    this.#isRunning = true;
    this.#resuming();
  }

  /** ^C during a quiet move reaches the program (gdb passes it on): it means the fred command. */
  #stopped(wasInterrupted: boolean): void {
    this.#isRunning = false;
    if (wasInterrupted && !this.#isInterrupting) this.#cancel();
    this.#isInterrupting = false;
  }

  async #printLines(): Promise<void> {
    const lines = this.#lines;
    this.#lines = [];
    for (const line of lines) await this.#console?.print(`${line}\n`);
  }
}

function isEnd(stop: Stop): boolean {
  return stop.kind === "exited" || stop.kind === "killed";
}

function toShimCommand(row: CommandSpec): ShimCommand {
  const usage = row.usage === "" ? row.name : `${row.name} ${row.usage}`;
  // The name without its prefix is an alias too; the shim leaves out those that gdb has.
  return {
    name: row.name,
    aliases: [row.name.replace(/^fred-/u, ""), ...row.aliases],
    summary: row.summary,
    help: `${row.summary}\nUsage: ${usage}\n\n${row.help}`,
    completion: completionOf(row),
  };
}

function completionOf(row: CommandSpec): Completion {
  if (/EXPR/u.test(row.usage)) return "expression";
  return /FILE/u.test(row.usage) ? "file" : "none";
}
