/** A whole `Debugger` over the toy machine: moves as gdb 13 does (line table, prologues, code without source, breakpoints). */
import type { CheckpointId } from "../../src/engine/engine.ts";
import { FredError } from "../../src/errors.ts";
import type {
  BoundExpression,
  CommandOutcome,
  Debugger,
  Evaluation,
  FrameScope,
  LineStart,
  Place,
  StopCause,
  Whereabouts,
} from "../../src/fred/debugger.ts";
import { addressOf, type Frame, indexOfAddress, type ToyMachine, type ToyState } from "./toyMachine.ts";
import type { Instruction, ToyFunction, ToyProgram } from "./toyProgram.ts";

export interface ToyAbilities {
  readonly callers: boolean;
  readonly lineTable: boolean;
  readonly suspendBreakpoints: boolean;
}

export const allAbilities: ToyAbilities = { callers: true, lineTable: true, suspendBreakpoints: true };

/** Returned by the mover when something else than the command's own end stops it. */
type Early = StopCause | null;

export class ToyDebugger implements Debugger {
  readonly name = "toy";
  readonly machine: ToyMachine;
  /** Indices of instructions. */
  breakpoints = new Set<number>();
  /** What was asked, for tests that count. */
  readonly moves: string[] = [];
  evaluations = 0;
  /** Called before each evaluation; tests cancel there. */
  onEvaluate: () => void = () => {};
  readonly callers?: () => Promise<readonly Place[]>;
  readonly lineTable?: (pc: bigint) => Promise<readonly LineStart[]>;
  readonly suspendBreakpoints?: () => Promise<() => Promise<void>>;
  #limit: number | null = null;

  constructor(machine: ToyMachine, abilities: ToyAbilities = allAbilities) {
    this.machine = machine;
    if (abilities.callers) this.callers = async () => callersOf(this.program, machine.state);
    if (abilities.lineTable) this.lineTable = async (pc) => lineTableOf(this.program, indexOfAddress(pc));
    if (abilities.suspendBreakpoints) this.suspendBreakpoints = async () => this.#suspend();
  }

  get program(): ToyProgram {
    return this.machine.program;
  }

  async move(
    command: string,
    options: { readonly limit?: CheckpointId; readonly signal?: AbortSignal },
  ): Promise<CommandOutcome> {
    if (options.signal?.aborted) throw new FredError("cancelled", {});
    this.moves.push(command);
    this.#limit = options.limit === undefined ? null : this.machine.indexOf(options.limit);
    const [name = "", argument] = command.split(/\s+/);
    const cause = this.#moveNamed(name, argument);
    const isAtLimit = this.#limit !== null && this.machine.index === this.#limit;
    const whereabouts = await this.where();
    return { cause: isAtLimit ? "no-history" : cause, breakpointNumbers: [], whereabouts, output: "" };
  }

  async travel(to: CheckpointId): Promise<Whereabouts> {
    await this.machine.restore(to);
    return await this.where();
  }

  async where(): Promise<Whereabouts> {
    const { state } = this.machine;
    if (state.isEnded) return { kind: "ended", exitCode: 0, signal: null };
    return { kind: "at", place: placeOf(this.program, state) };
  }

  async evaluate({ text, scope }: BoundExpression): Promise<Evaluation> {
    this.onEvaluate();
    this.evaluations++;
    return evaluateIn(this.program, this.machine.state, text, scope);
  }

  async bind(text: string): Promise<BoundExpression> {
    if (!text.startsWith("l")) return { text, scope: null };
    const place = placeOf(this.program, this.machine.state);
    return { text, scope: { function: place.function ?? "??", cfa: place.cfa, locals: [] } };
  }

  async lineStarts(pc: bigint): Promise<readonly bigint[]> {
    return lineTableOf(this.program, indexOfAddress(pc)).map(({ address }) => address);
  }

  async run(): Promise<string> {
    return "";
  }

  async describeFrame(): Promise<string> {
    const { state } = this.machine;
    if (state.isEnded) return "ended";
    const place = placeOf(this.program, state);
    return `#0 ${place.function} () at ${place.file}:${place.line}`;
  }

  async #suspend(): Promise<() => Promise<void>> {
    const saved = this.breakpoints;
    this.breakpoints = new Set();
    return async () => {
      this.breakpoints = saved;
    };
  }

  #moveNamed(name: string, argument: string | undefined): StopCause {
    const count = argument === undefined ? 1 : Number(argument);
    switch (name) {
      case "step":
      case "next":
        return this.#repeat(count, () => this.#stepLine(name));
      case "stepi":
        return this.#repeat(count, () => this.#one() ?? "end-stepping-range");
      case "finish":
        return this.#finish();
      case "continue":
        return this.#repeat(count, () => this.#until(() => false) ?? "other");
      case "advance":
        return this.#advance(this.#location(argument ?? ""));
      case "reverse-continue":
        return this.#reverseContinue();
      case "reverse-stepi":
        if (this.machine.index === 0) return "no-history";
        this.machine.index--;
        return "end-stepping-range";
      default:
        throw new FredError("gdbRefused", { command: name, why: "unknown command" });
    }
  }

  /** "next 3" ends early when something stops it. */
  #repeat(count: number, once: () => StopCause): StopCause {
    let cause: StopCause = "other";
    for (let done = 0; done < count; done++) {
      cause = once();
      const isOwnEnd =
        cause === "end-stepping-range" || (cause === "breakpoint-hit" && once.length === 0 && count > 1);
      if (!isOwnEnd || this.#isStopped()) return cause;
      if (cause === "breakpoint-hit" && !this.#countsHits) return cause;
    }
    return cause;
  }

  #countsHits = false;

  #isStopped(): boolean {
    return this.machine.state.isEnded || this.machine.index === this.#limit;
  }

  /** One instruction; a cause when limit, breakpoint or end stop there. */
  #one(): Early {
    if (!this.machine.advance()) return "exited";
    if (this.machine.index === this.#limit) return "no-history";
    if (this.machine.state.isEnded) return "exited";
    return this.breakpoints.has(this.machine.state.pc) ? "breakpoint-hit" : null;
  }

  #until(isDone: (state: ToyState) => boolean): Early {
    for (;;) {
      const early = this.#one();
      if (early !== null) return early;
      if (isDone(this.machine.state)) return null;
    }
  }

  /** infrun.c, process_event_stop_test: the parts that matter for lines and calls. */
  #stepLine(command: "step" | "next"): StopCause {
    let frame = top(this.machine.state);
    let line = this.#instruction().line;
    const isSourceless = line === null;
    for (;;) {
      const depth = this.machine.state.frames.length;
      const early = this.#one();
      if (early !== null) return early;
      if (this.machine.state.frames.length > depth) {
        if (command === "step" && !isSourceless && this.#callee().hasSource) return this.#enter();
        const back = this.#until((state) => top(state).id === frame.id);
        if (back !== null) return back;
      } else if (this.machine.state.frames.length < depth) {
        frame = top(this.machine.state);
        // "no line number info: stop stepping"
        if (this.#instruction().line === null) return "end-stepping-range";
      }
      const now = this.#instruction();
      if (now.line === line) continue;
      if (now.isStart) return "end-stepping-range";
      // "We aren't done stepping … if we entered a new line in mid-statement, we continue stepping": with its line.
      line = now.line;
    }
  }

  /** To after the prologue. */
  #enter(): StopCause {
    const body = bodyOf(this.program, this.#callee());
    return (
      (this.machine.state.pc === body ? null : this.#until((state) => state.pc === body)) ??
      "end-stepping-range"
    );
  }

  #finish(): StopCause {
    const { frames } = this.machine.state;
    if (frames.length < 2 || this.machine.state.isEnded) {
      throw new FredError("gdbRefused", { command: "finish", why: "not meaningful in the outermost frame" });
    }
    const caller = frames.at(-2) as Frame;
    return this.#until((state) => top(state).id === caller.id) ?? "function-finished";
  }

  /** `*0x…` or a function's name. */
  #location(text: string): number {
    if (text.startsWith("*")) return indexOfAddress(BigInt(text.slice(1)));
    const named = this.machine.program.functions.find(({ name }) => name === text);
    if (named === undefined) throw new FredError("gdbRefused", { command: text, why: "No such function." });
    return named.entry;
  }

  /** Also ends when the present frame returns, as gdb's does. */
  #advance(target: number): StopCause {
    const { frames } = this.machine.state;
    const isDone = (state: ToyState) => state.pc === target || state.frames.length < frames.length;
    return this.#until(isDone) ?? "location-reached";
  }

  #reverseContinue(): StopCause {
    for (let index = this.machine.index - 1; index >= 0; index--) {
      const state = this.machine.line.states[index] as ToyState;
      this.machine.index = index;
      if (this.breakpoints.has(state.pc)) return "breakpoint-hit";
    }
    return "no-history";
  }

  #instruction(): Instruction {
    return this.program.code[this.machine.state.pc] as Instruction;
  }

  #callee(): ToyFunction {
    return this.program.functions[top(this.machine.state).functionIndex] as ToyFunction;
  }
}

export function top(state: ToyState): Frame {
  return state.frames.at(-1) as Frame;
}

/** Where a breakpoint on a function is put: its second line entry. */
export function bodyOf(program: ToyProgram, one: ToyFunction): number {
  for (let index = one.entry + 1; index < one.end; index++) if (program.code[index]?.isStart) return index;
  return one.entry;
}

export function placeOf(program: ToyProgram, state: ToyState): Place {
  const { pc, sp } = state;
  const instruction = program.code[pc] as Instruction;
  return { ...placeIn(program, top(state), pc, sp), isLineStart: instruction.isStart };
}

function placeIn(program: ToyProgram, frame: Frame, pc: number, sp: number): Place {
  const { name, hasSource } = program.functions[frame.functionIndex] as ToyFunction;
  return {
    pc: addressOf(pc),
    sp: BigInt(sp),
    cfa: BigInt(frame.cfa),
    function: name,
    file: hasSource ? "toy.c" : null,
    line: program.code[pc]?.line ?? null,
    isLineStart: false,
    threadNumber: 1,
  };
}

function callersOf(program: ToyProgram, state: ToyState): readonly Place[] {
  if (state.isEnded) return [];
  const places: Place[] = [];
  for (let index = state.frames.length - 1; index > 0; index--) {
    const [callee, caller] = [state.frames[index] as Frame, state.frames[index - 1] as Frame];
    const place = placeIn(program, caller, callee.returnTo, callee.cfa);
    places.push({ ...place, line: program.code[callee.returnTo - 1]?.line ?? null });
  }
  return places;
}

function lineTableOf(program: ToyProgram, index: number): readonly LineStart[] {
  const one = program.functions[program.code[index]?.functionIndex ?? -1];
  if (one === undefined) return [];
  const starts: LineStart[] = [];
  for (let at = one.entry; at < one.end; at++) {
    const { isStart, line } = program.code[at] as Instruction;
    if (isStart && line !== null) starts.push({ address: addressOf(at), line });
  }
  return starts;
}

/** "g0" … "g3", "l0" … "l3", each also with "< N". Like a call into the program, globals have no value inside lib. */
export function evaluateIn(
  program: ToyProgram,
  state: ToyState,
  expression: string,
  scope: FrameScope | null,
): Evaluation {
  const parts = /^([gl])(\d)(?:\s*<\s*(\d+))?$/.exec(expression);
  if (parts === null) throw new FredError("badExpression", { expression, why: "syntax error" });
  const [, kind, slot, bound] = parts;
  const isOf = (frame: Frame) =>
    program.functions[frame.functionIndex]?.name === scope?.function && BigInt(frame.cfa) === scope?.cfa;
  const values = kind === "g" ? state.globals : state.frames.find(isOf)?.locals;
  const value = values?.[Number(slot)];
  if (value === undefined) return { kind: "unknown", why: `${scope?.function} is not active` };
  if (bound === undefined) return { kind: "value", text: String(value) };
  return { kind: "value", text: String(value < Number(bound) ? 1 : 0) };
}
