/** Moves the debuggee for gdb: resumes, reverse, staged travel, signals passed without a round trip, interrupts. */
import type { CheckpointId, Engine, LaunchOptions, ResumeOptions, Stop } from "../engine/engine.ts";
import { engineErrorCode, toFredError } from "../engine/engineErrors.ts";
import { FredError } from "../errors.ts";
import type { BreakpointTable } from "./breakpointTable.ts";
import type { Debuggee } from "./debuggee.ts";
import type { EventSource } from "./events.ts";
import { isEnd } from "./stopReply.ts";

const sigkill = 9;

export class Runner {
  /** Linux numbers of the signals that gdb does not want to see (QPassSignals). */
  passSignals: ReadonlySet<number> = new Set();
  /** Linux numbers of the signals that the program gets (QProgramSignals): gdb's `handle … pass`. */
  programSignals: ReadonlySet<number> = new Set();
  limit: CheckpointId | null = null;
  /** Restored instead of the next resume or launch. */
  stagedTravel: CheckpointId | null = null;
  /** Shows a line on gdb's console; gdb takes it only while it waits for a stop. */
  showOnConsole: (text: string) => void = () => {};
  readonly #engine: Engine;
  readonly #debuggee: Debuggee;
  readonly #breakpoints: BreakpointTable;
  readonly #events: EventSource;
  /** gdb has asked for an interrupt that no stop has answered yet. */
  #isInterrupted = false;
  #isMoving = false;
  #lastMotion: Promise<unknown> = Promise.resolve();

  constructor(engine: Engine, debuggee: Debuggee, breakpoints: BreakpointTable, events: EventSource) {
    this.#engine = engine;
    this.#debuggee = debuggee;
    this.#breakpoints = breakpoints;
    this.#events = events;
  }

  /** gdb waits for a stop: its console may be written to. */
  get isMoving(): boolean {
    return this.#isMoving;
  }

  /** Resolves when what runs now has stopped. */
  async untilStill(): Promise<void> {
    await this.#lastMotion;
  }

  /**
   * Ends what runs now, or else the next run: gdb passes ^C on also between two resumes of one command of the user's
   * (a stop that it does not show: libraries loaded, a false condition), and expects that some stop answers it, as
   * gdbserver's do.
   */
  interrupt(): void {
    this.#isInterrupted = true;
    if (this.#debuggee.phase === "running") this.#engine.interrupt();
  }

  /** The command that ^C was meant for is over: what comes next runs. */
  forgetInterrupt(): void {
    if (!this.#isMoving) this.#isInterrupted = false;
  }

  resume(options: ResumeOptions): Promise<Stop> {
    return this.#move("continue", async () =>
      this.#resumeThroughSignals(this.#withLimit(await this.#withWaitingSignal(options))),
    );
  }

  /** gdb takes the end of a step for one of the thread that it has selected for it (Hc). */
  reverse(mode: "continue" | "step", thread?: number): Promise<Stop> {
    return this.#move(`reverse-${mode}`, () => this.#engine.reverse(mode, thread));
  }

  /** `recording`: opened instead, for the program of `options`. */
  async launch(options: LaunchOptions, recording: string | null = null): Promise<Stop> {
    if (this.stagedTravel !== null) return this.travel();
    if (this.#debuggee.phase !== "none") await this.kill();
    const stop =
      recording === null
        ? await this.#engine.launch(options)
        : await this.#engine.open({ ...options, directory: recording });
    this.#debuggee.path = options.path;
    await this.#debuggee.halt(stop);
    this.#events.emit({ kind: "launched", stop, path: options.path, argv: options.argv });
    return stop;
  }

  /** Restores the staged checkpoint. A failure leaves the debuggee where it is. */
  async travel(): Promise<Stop> {
    const id = this.stagedTravel as CheckpointId;
    this.stagedTravel = null;
    const stop = await this.#engine.restore(id);
    await this.#halt(stop);
    return stop;
  }

  async kill(): Promise<void> {
    this.forgetInterrupt();
    if (this.#debuggee.phase !== "none") await this.#engine.kill();
    this.#debuggee.forget();
    this.#breakpoints.forget();
    this.#events.emit({ kind: "killed" });
  }

  #move(command: string, run: () => Promise<Stop>): Promise<Stop> {
    const motion = this.#moveNow(command, run);
    this.#lastMotion = motion.catch(() => {});
    return motion;
  }

  /**
   * A failure of the engine is told as a message; gdb then hears a stop without a reason at the place where the
   * debuggee was.
   */
  async #moveNow(command: string, run: () => Promise<Stop>): Promise<Stop> {
    const before = this.#debuggee.stop;
    this.#isMoving = true;
    try {
      // Between two calls of a scratch nothing may run: a condition with a call was false, and gdb goes on.
      if (!this.#debuggee.isCalling) await this.#debuggee.endScratch();
      if (this.stagedTravel !== null) return await this.travel();
      await this.#breakpoints.insertPending();
      this.#debuggee.run();
      this.#events.emit({ kind: "running" });
      const stop = await this.#interruptible(run());
      if (stop.kind === "interrupted") this.#isInterrupted = false;
      if (stop.kind === "unsupported" || stop.kind === "diverged") this.tell(stop.text);
      await this.#halt(stop);
      return stop;
    } catch (error) {
      this.tell(toFredError(command, error).message);
      if (before === null) throw error;
      return engineErrorCode(error) === "GONE" ? await this.#die(before) : await this.#standStill(before);
    } finally {
      this.#isMoving = false;
    }
  }

  /** Somebody has killed the program: gdb hears so, and there is nothing left to travel in. */
  async #die(before: Stop): Promise<Stop> {
    await this.#engine.kill().catch(() => {});
    const stop: Stop = { ...before, kind: "killed", signal: sigkill };
    await this.#debuggee.halt(stop);
    this.#breakpoints.forget();
    this.#events.emit({ kind: "stopped", stop });
    this.#events.emit({ kind: "killed" });
    return stop;
  }

  async #standStill(before: Stop): Promise<Stop> {
    const stop: Stop = { ...before, kind: "travelled" } as Stop;
    await this.#halt(stop);
    return stop;
  }

  async #halt(stop: Stop): Promise<void> {
    await this.#debuggee.halt(stop);
    if (isEnd(stop)) await this.#breakpoints.clear();
    this.#events.emit({ kind: "stopped", stop });
    if (isEnd(stop)) this.#events.emit({ kind: "exited", stop });
  }

  tell(text: string): void {
    this.showOnConsole(`${text}\n`);
    this.#events.emit({ kind: "message", text });
  }

  /**
   * gdb hears T00 after a travel and so resumes without a signal. One that has stopped the program there still waits: where the
   * recording does not deliver it (at its end, on a new branch), it is delivered as gdb would have.
   */
  async #withWaitingSignal(options: ResumeOptions): Promise<ResumeOptions> {
    const { stop, isInScratch } = this.#debuggee;
    if (options.signal !== undefined || isInScratch || stop?.kind !== "travelled" || !stop.isAtHead)
      return options;
    const info = Buffer.from(await this.#engine.readSiginfo());
    const signal = info.length < 4 ? 0 : info.readInt32LE(0);
    return this.programSignals.has(signal) ? { ...options, signal } : options;
  }

  #withLimit(options: ResumeOptions): ResumeOptions {
    return this.limit === null || this.#debuggee.isInScratch ? options : { ...options, limit: this.limit };
  }

  /** As gdbserver does, steps report every signal: gdb decides there. */
  async #resumeThroughSignals(options: ResumeOptions): Promise<Stop> {
    let stop = await this.#interruptible(this.#engine.resume(options));
    while (options.mode === "continue" && stop.kind === "signal" && this.passSignals.has(stop.signal)) {
      stop = await this.#interruptible(this.#engine.resume({ ...options, signal: stop.signal }));
    }
    return stop;
  }

  /** An interrupt that came before the engine's call began, or during a step that was over first, still counts. */
  #interruptible(call: Promise<Stop>): Promise<Stop> {
    if (this.#isInterrupted) this.#engine.interrupt();
    return call;
  }
}

/** For packets that cannot show a text to the user. */
export function messageOf(error: unknown): string {
  return error instanceof FredError ? error.message : String(error);
}
