/** gdb behind `Debugger`: commands and looks through the shim, reasons for stops from the MI channel. */
import type { CheckpointId } from "../../../engine/engine.ts";
import { FredError } from "../../../errors.ts";
import type {
  BoundExpression,
  CommandOutcome,
  Debugger,
  Evaluation,
  LineStart,
  Place,
  Whereabouts,
} from "../../debugger.ts";
import type { MiChannel } from "./mi/channel.ts";
import type { StoppedFacts } from "./mi/stopped.ts";
import { type ShimChannel, ShimError } from "./shimChannel.ts";
import {
  type ShimMethods,
  type ShimOutcome,
  type ShimPlace,
  type ShimState,
  toShimScope,
} from "./shimProtocol.ts";

/** What gdb's target (the RSP server) does for travel. */
export interface TravelTarget {
  /** The next resume that gdb asks for restores this checkpoint instead of running. */
  stageTravel(id: CheckpointId): void;
  /** Restores it now, without gdb's knowledge; whether the program has ended there. Only while gdb has no process. */
  restoreUnseen(id: CheckpointId): Promise<"ended" | "alive">;
  /** No resume runs past this checkpoint; null: no limit. */
  setLimit(id: CheckpointId | null): void;
  /** Stops the resume in flight, or else the next one: gdb may be about to resume. */
  interrupt(): void;
  /** What an interruption was meant for is over. */
  forgetInterrupt(): void;
}

const evaluationDeadlineMs = 10_000;
const travelAttempts = 3;

export class GdbDebugger implements Debugger {
  readonly name = "gdb";
  readonly #shim: ShimChannel;
  readonly #mi: MiChannel;
  readonly #target: TravelTarget;

  constructor(parts: { readonly shim: ShimChannel; readonly mi: MiChannel; readonly target: TravelTarget }) {
    this.#shim = parts.shim;
    this.#mi = parts.mi;
    this.#target = parts.target;
  }

  async move(
    command: string,
    options: { readonly limit?: CheckpointId; readonly signal?: AbortSignal },
  ): Promise<CommandOutcome> {
    options.signal?.throwIfAborted();
    const before = this.#mi.stopCount;
    this.#target.setLimit(options.limit ?? null);
    try {
      const outcome = await this.#interruptible(options.signal, () =>
        this.#ask("move", { command }, command),
      );
      const facts = await this.#mi.stopAfter(before, outcome.stopCount);
      return toOutcome(command, outcome, facts);
    } finally {
      this.#target.setLimit(null);
    }
  }

  async travel(to: CheckpointId): Promise<Whereabouts> {
    // gdb has no process and must not get one: it takes an exit in reply to vRun badly (gdb 13: a process 42000).
    const isAlive = await this.#ask("isAlive", {}, "travel");
    if (!isAlive && (await this.#target.restoreUnseen(to)) === "ended") return await this.where();
    for (let attempt = 1; ; attempt++) {
      this.#target.stageTravel(to);
      try {
        return toWhereabouts((await this.#ask("travel", {}, "travel")).state);
      } catch (error) {
        // A ^C that gdb has kept from what ran before: it is known by now, and must not end the way back.
        const isStray = error instanceof FredError && error.kind === "cancelled";
        if (!isStray || attempt === travelAttempts) throw error;
      }
    }
  }

  async where(): Promise<Whereabouts> {
    return toWhereabouts(await this.#ask("state", {}, "where"));
  }

  async evaluate(
    { text, scope }: BoundExpression,
    options: { readonly signal?: AbortSignal },
  ): Promise<Evaluation> {
    options.signal?.throwIfAborted();
    const params = { expression: text, scope: toShimScope(scope) };
    const deadline = AbortSignal.timeout(evaluationDeadlineMs);
    const either = options.signal === undefined ? deadline : AbortSignal.any([options.signal, deadline]);
    const value = await this.#interruptible(either, () => this.#ask("evaluate", params, text));
    if (value.kind === "badExpression")
      throw new FredError("badExpression", { expression: text, why: value.why });
    return value;
  }

  async bind(expression: string): Promise<BoundExpression> {
    const { text, scope } = await this.#ask("bind", { expression }, expression);
    return { text, scope: scope === null ? null : { ...scope, cfa: BigInt(scope.cfa) } };
  }

  async bodyStart(pc: bigint): Promise<bigint | null> {
    const address = await this.#ask("bodyStart", { pc: `0x${pc.toString(16)}` }, "bodyStart");
    return address === null ? null : BigInt(address);
  }

  async lineStarts(pc: bigint): Promise<readonly bigint[]> {
    return (await this.lineTable(pc)).map((start) => start.address);
  }

  async lineTable(pc: bigint): Promise<readonly LineStart[]> {
    const rows = await this.#ask("lineTable", { pc: `0x${pc.toString(16)}` }, "lineTable");
    return rows.map((row) => ({ address: BigInt(row.address), line: row.line }));
  }

  async constructors(): Promise<readonly bigint[]> {
    return (await this.#ask("constructors", {}, "constructors")).map(BigInt);
  }

  async callers(): Promise<readonly Place[]> {
    return (await this.#ask("callers", {}, "callers")).map(toPlace);
  }

  async suspendBreakpoints(): Promise<() => Promise<void>> {
    const numbers = await this.#ask("suspendBreakpoints", {}, "disable");
    return async () => {
      await this.#ask("resumeBreakpoints", { numbers }, "enable");
    };
  }

  async run(command: string): Promise<string> {
    return (await this.#ask("cli", { command }, command)).output;
  }

  async describeFrame(): Promise<string> {
    return await this.#ask("describeFrame", {}, "frame");
  }

  async describeDisplays(): Promise<string> {
    return await this.#ask("describeDisplays", {}, "display");
  }

  /** Runs `ask`; when `signal` aborts meanwhile, the program is stopped so that gdb answers. */
  async #interruptible<T>(signal: AbortSignal | undefined, ask: () => Promise<T>): Promise<T> {
    const interrupt = () => this.#target.interrupt();
    signal?.addEventListener("abort", interrupt);
    try {
      return await ask();
    } finally {
      signal?.removeEventListener("abort", interrupt);
      if (signal?.aborted) this.#target.forgetInterrupt();
    }
  }

  async #ask<M extends keyof ShimMethods>(
    method: M,
    params: ShimMethods[M]["params"],
    command: string,
  ): Promise<ShimMethods[M]["result"]> {
    try {
      return await this.#shim.request(method, params);
    } catch (error) {
      if (!(error instanceof ShimError)) throw error;
      throw toFredError(error, command);
    }
  }
}

function toFredError(error: ShimError, command: string): FredError {
  switch (error.kind) {
    case "interrupted":
      return new FredError("cancelled", {});
    case "badExpression":
      return new FredError("badExpression", { expression: command, why: error.message });
    case "gdb":
    case "closed":
      return new FredError("gdbRefused", { command, why: error.message });
    default:
      return new FredError("internal", { what: `the shim in gdb failed at "${command}": ${error.message}` });
  }
}

function toOutcome(command: string, outcome: ShimOutcome, facts: StoppedFacts): CommandOutcome {
  // The shim's finish is gdb's `until` (quiet.py).
  const isFinish = command === "finish" && facts.cause === "location-reached";
  return {
    cause: isFinish ? "function-finished" : facts.cause,
    breakpointNumbers: facts.breakpointNumbers,
    whereabouts: toWhereabouts(outcome.state, facts.signal),
    output: outcome.output,
  };
}

function toWhereabouts(state: ShimState, signal: string | null = null): Whereabouts {
  if (!("ended" in state)) return { kind: "at", place: toPlace(state) };
  return { kind: "ended", exitCode: state.ended.exitCode, signal: state.ended.signal ?? signal };
}

function toPlace(state: ShimPlace): Place {
  return { ...state, pc: BigInt(state.pc), sp: BigInt(state.sp), cfa: BigInt(state.cfa) };
}
