/** One fred command's way through time: travels, quiet moves, probes; it counts them and can be cancelled at each. */
import type { CheckpointId, CheckpointInfo, CheckpointKind, Engine, Timeline } from "../engine/engine.ts";
import { FredError } from "../errors.ts";
import type {
  BoundExpression,
  CommandOutcome,
  Debugger,
  Evaluation,
  LineStart,
  Place,
  Whereabouts,
} from "./debugger.ts";

/** The part of the engine that travelling needs. */
export type TimeTravel = Pick<
  Engine,
  | "takeCheckpoint"
  | "restore"
  | "timeline"
  | "densify"
  | "rewind"
  | "reverse"
  | "dropTemporary"
  | "startBranch"
  | "save"
  | "interrupt"
>;

/** A state that was visited: its checkpoint, and where the debugger says it is. */
export interface Visit {
  readonly at: CheckpointId;
  readonly whereabouts: Whereabouts;
}

/** The end of a move. */
export interface Arrival extends Visit {
  readonly outcome: CommandOutcome;
  /** The state of `limit` is reached: nothing of it lies ahead. */
  readonly isAtLimit: boolean;
  /** Why the debugger would not run the command (then nothing has moved); null when it did. */
  readonly refusal: FredError | null;
}

export class Journey {
  readonly debugger: Debugger;
  readonly engine: TimeTravel;
  readonly signal: AbortSignal;
  readonly nowMs: () => number;
  probeCount = 0;
  restoreCount = 0;
  moveCount = 0;
  /** User breakpoints are switched off: moves end by themselves only. */
  isUndisturbed = false;
  /** What visited states are kept as: "temporary" ones are forgotten when the command ends. */
  markKind: CheckpointKind = "temporary";
  #last: Visit | null = null;
  readonly #startedMs: number;
  readonly #lines = new Map<bigint, readonly LineStart[] | null>();

  constructor(parts: { debugger: Debugger; engine: TimeTravel; signal: AbortSignal; nowMs: () => number }) {
    this.debugger = parts.debugger;
    this.engine = parts.engine;
    this.signal = parts.signal;
    this.nowMs = parts.nowMs;
    this.#startedMs = parts.nowMs();
  }

  get elapsedMs(): number {
    return this.nowMs() - this.#startedMs;
  }

  /** Throws "cancelled" when the user has pressed ^C. */
  check(): void {
    if (this.signal.aborted) throw new FredError("cancelled", {});
  }

  /** Does nothing when the program is there already. */
  async travel(to: CheckpointId): Promise<Visit> {
    this.check();
    if (this.#last?.at === to) return this.#last;
    this.restoreCount++;
    this.#last = null;
    this.#last = { at: to, whereabouts: await this.debugger.travel(to) };
    return this.#last;
  }

  /** Makes the present state a checkpoint (or finds that it is one). */
  async mark(kind: CheckpointKind = this.markKind): Promise<CheckpointInfo> {
    return await this.engine.takeCheckpoint(kind);
  }

  async here(kind: CheckpointKind = this.markKind): Promise<Visit> {
    const { id } = await this.mark(kind);
    this.#last = { at: id, whereabouts: await this.debugger.where() };
    return this.#last;
  }

  /**
   * One motion command, quiet, never past `limit`. A refusal is a value: "finish" in the outermost frame, "next" in a function
   * that gdb knows no bounds of.
   */
  async move(command: string, limit: CheckpointId | null): Promise<Arrival> {
    this.check();
    this.moveCount++;
    const options = limit === null ? { signal: this.signal } : { limit, signal: this.signal };
    this.#last = null;
    const { outcome, refusal } = await this.#obeyed(() => this.debugger.move(command, options));
    this.check();
    const { id } = await this.mark();
    const isAtLimit = limit !== null && (id === limit || outcome.cause === "no-history");
    this.#last = { at: isAtLimit ? limit : id, whereabouts: outcome.whereabouts };
    return { ...this.#last, outcome, isAtLimit, refusal };
  }

  async probe(expression: BoundExpression): Promise<Evaluation> {
    this.check();
    this.probeCount++;
    const value = await this.debugger.evaluate(expression, { signal: this.signal });
    this.check();
    return value;
  }

  /** From the present state back to the last time one of `addresses` was about to run; null (state unchanged) if never. */
  async rewind(addresses: readonly bigint[], spMin: bigint, spMax: bigint): Promise<Visit | null> {
    if (addresses.length === 0) return null;
    const stop = await this.#interruptible(() => this.engine.rewind({ addresses, spMin, spMax }));
    if (stop.kind === "historyBegin") return null;
    if (stop.kind === "interrupted") throw new FredError("cancelled", {});
    this.#last = null;
    const { id } = await this.mark();
    return await this.travel(id);
  }

  /** The last state in which the program still lived; `visit` itself when it lives there. */
  async alive(visit: Visit): Promise<Visit> {
    if (visit.whereabouts.kind === "at") return visit;
    await this.travel(visit.at);
    await this.#interruptible(() => this.engine.reverse("step"));
    this.#last = null;
    const { id } = await this.mark();
    return await this.travel(id);
  }

  /** About `count` new checkpoints between two states, in their order. */
  async densify(from: CheckpointId, to: CheckpointId, count: number): Promise<readonly CheckpointInfo[]> {
    this.#last = null;
    return await this.#interruptible(() => this.engine.densify({ from, to, count }));
  }

  async timeline(): Promise<Timeline> {
    return await this.engine.timeline();
  }

  /** The statement starts of the function at `pc`, ascending; lines are null when the debugger cannot tell them at once. */
  async statements(
    pc: bigint,
  ): Promise<readonly { readonly address: bigint; readonly line: number | null }[]> {
    const known = this.debugger.lineTable ? await this.#lineTable(pc) : null;
    const starts = known ?? (await this.debugger.lineStarts(pc)).map((address) => ({ address, line: null }));
    return [...starts].sort((a, b) => (a.address < b.address ? -1 : a.address > b.address ? 1 : 0));
  }

  /** Where the arguments of the function at `pc` are in place: its second statement start when the debugger does not tell. */
  async bodyStart(pc: bigint): Promise<bigint | null> {
    if (this.debugger.bodyStart) return await this.debugger.bodyStart(pc);
    return (await this.statements(pc))[1]?.address ?? null;
  }

  async #obeyed(
    move: () => Promise<CommandOutcome>,
  ): Promise<{ outcome: CommandOutcome; refusal: FredError | null }> {
    try {
      return { outcome: await move(), refusal: null };
    } catch (error) {
      if (!(error instanceof FredError) || error.kind !== "gdbRefused") throw error;
      const whereabouts = await this.debugger.where();
      return { outcome: { cause: "other", breakpointNumbers: [], whereabouts, output: "" }, refusal: error };
    }
  }

  async #lineTable(pc: bigint): Promise<readonly LineStart[] | null> {
    const cached = this.#lines.get(pc);
    if (cached !== undefined) return cached;
    const table = (await this.debugger.lineTable?.(pc)) ?? null;
    this.#lines.set(pc, table);
    return table;
  }

  async #interruptible<T>(run: () => Promise<T>): Promise<T> {
    this.check();
    const stop = () => this.engine.interrupt();
    this.signal.addEventListener("abort", stop, { once: true });
    try {
      return await run();
    } finally {
      this.signal.removeEventListener("abort", stop);
      this.check();
    }
  }
}

/** The place of a visit with source; null where there is none or the program has ended. */
export function sourcePlace(visit: Visit): (Place & { readonly line: number }) | null {
  if (visit.whereabouts.kind !== "at") return null;
  const { place } = visit.whereabouts;
  return place.line === null ? null : { ...place, line: place.line };
}
