/** The toy machine and its engine: a deterministic run as a row of states, with checkpoints, restore, rewind, densify. */
import type {
  CheckpointId,
  CheckpointInfo,
  CheckpointKind,
  Stop,
  StopReason,
  Timeline,
} from "../../src/engine/engine.ts";
import type { TimeTravel } from "../../src/fred/journey.ts";
import { type Instruction, localCount, type Random, type ToyProgram } from "./toyProgram.ts";

export interface Frame {
  /** Each activation has its own. */
  readonly id: number;
  readonly functionIndex: number;
  readonly cfa: number;
  readonly locals: readonly number[];
  readonly returnTo: number;
}

export interface ToyState {
  readonly pc: number;
  readonly sp: number;
  readonly frames: readonly Frame[];
  readonly globals: readonly number[];
  readonly event: number;
  readonly isEnded: boolean;
  readonly lastFrameId: number;
}

export const stackTop = 0x8000;

export function firstState(): ToyState {
  const frame: Frame = { id: 1, functionIndex: 0, cfa: stackTop + 8, locals: zeros(), returnTo: -1 };
  const globals = [0, 0, 0, 0];
  return { pc: 0, sp: stackTop, frames: [frame], globals, event: 0, isEnded: false, lastFrameId: 1 };
}

function zeros(): number[] {
  return new Array<number>(localCount).fill(0);
}

/** One instruction. Locals of a new activation are whatever was left there: 0 or the depth, as on a real stack. */
export function execute(program: ToyProgram, state: ToyState): ToyState {
  const instruction = program.code[state.pc] as Instruction;
  const next = { ...state, pc: state.pc + 1 };
  const top = state.frames.at(-1) as Frame;
  const withLocal = (slot: number, value: number) => {
    const locals = top.locals.map((old, index) => (index === slot ? value : old));
    return { ...next, frames: [...state.frames.slice(0, -1), { ...top, locals }] };
  };
  const withGlobal = (slot: number, value: number) => ({
    ...next,
    globals: state.globals.map((old, index) => (index === slot ? value : old)),
  });
  switch (instruction.op) {
    case "nop":
      return next;
    case "event":
      return { ...next, event: state.event + 1 };
    case "push":
      return { ...next, sp: state.sp - 8 };
    case "reserve":
      return { ...next, sp: state.sp - instruction.bytes };
    case "leave":
      return { ...next, sp: top.cfa - 8 };
    case "setGlobal":
      return withGlobal(instruction.slot, instruction.value);
    case "addGlobal":
      return withGlobal(instruction.slot, (state.globals[instruction.slot] as number) + instruction.value);
    case "mix": {
      const old = state.globals[instruction.slot] as number;
      return withGlobal(instruction.slot, (old * 3 + (top.locals[instruction.local] as number) + 1) % 7);
    }
    case "setLocal":
      return withLocal(instruction.slot, instruction.value);
    case "addLocal":
      return withLocal(instruction.slot, (top.locals[instruction.slot] as number) + instruction.value);
    case "jump":
      return { ...next, pc: instruction.target };
    case "jumpIfAtLeast":
      return (top.locals[instruction.slot] as number) >= instruction.value
        ? { ...next, pc: instruction.target }
        : next;
    case "jumpIfDeep":
      return state.frames.length >= instruction.value ? { ...next, pc: instruction.target } : next;
    case "call": {
      const id = state.lastFrameId + 1;
      const callee = instruction.callee;
      const frame = { id, functionIndex: callee, cfa: state.sp, locals: zeros(), returnTo: state.pc + 1 };
      const entry = program.functions[callee]?.entry as number;
      return { ...next, pc: entry, sp: state.sp - 8, frames: [...state.frames, frame], lastFrameId: id };
    }
    case "ret":
      return { ...next, pc: top.returnTo, sp: state.sp + 8, frames: state.frames.slice(0, -1) };
    case "exit":
      return { ...state, isEnded: true };
  }
}

/** One line of history. The states up to `forkIndex` are the parent's. */
export interface Line {
  readonly states: ToyState[];
  readonly parent: Line | null;
  readonly forkIndex: number;
}

interface Kept {
  readonly line: Line;
  readonly index: number;
  kind: CheckpointKind;
}

const lastingness: readonly CheckpointKind[] = ["temporary", "automatic", "stop", "head", "user", "start"];

export class ToyMachine implements TimeTravel {
  readonly program: ToyProgram;
  line: Line;
  index = 0;
  /** What the tests look at. */
  readonly counts = { restores: 0, rewinds: 0, densified: 0, executed: 0 };
  /** densify leaves nothing when the interval has fewer instructions. */
  readonly finest: number;
  /** Live running leaves an automatic checkpoint every so many instructions at most; 0: none. */
  readonly automaticEvery: number;
  readonly #random: Random;
  readonly #kept = new Map<CheckpointId, Kept>();
  #lastId = 0;
  #untilAutomatic = 1;

  constructor(program: ToyProgram, random: Random, options: { finest: number; automaticEvery: number }) {
    this.program = program;
    this.#random = random;
    this.finest = options.finest;
    this.automaticEvery = options.automaticEvery;
    this.line = { states: [firstState()], parent: null, forkIndex: -1 };
    this.#keep("start");
  }

  get state(): ToyState {
    return this.line.states[this.index] as ToyState;
  }

  get isAtHead(): boolean {
    return this.index === this.line.states.length - 1;
  }

  /** One instruction, live or from the record; false at the program's end. */
  advance(): boolean {
    if (this.state.isEnded) return false;
    this.counts.executed++;
    if (this.isAtHead) {
      this.line.states.push(execute(this.program, this.state));
      this.index++;
      if (this.automaticEvery > 0 && --this.#untilAutomatic <= 0) {
        this.#untilAutomatic = 1 + this.#random(this.automaticEvery);
        this.#keep("automatic");
      }
    } else this.index++;
    return true;
  }

  /** The user changes a global: at the head an event of the line, as replay does it again. */
  poke(slot: number, value: number): void {
    const globals = this.state.globals.map((old, index) => (index === slot ? value : old));
    this.line.states.push({ ...this.state, globals, event: this.state.event + 1 });
    this.index++;
  }

  indexOf(id: CheckpointId): number {
    return this.#found(id).index;
  }

  async takeCheckpoint(kind: CheckpointKind): Promise<CheckpointInfo> {
    return this.#info(this.#keep(kind));
  }

  async restore(id: CheckpointId): Promise<Stop> {
    const kept = this.#found(id);
    if (!this.#isOn(kept, this.line)) this.line = kept.line;
    this.index = kept.index;
    this.counts.restores++;
    return this.#stop({ kind: "travelled" });
  }

  async timeline(): Promise<Timeline> {
    const on = [...this.#kept].filter(([, kept]) => this.#isOn(kept, this.line));
    const ordered = on.sort(([, a], [, b]) => a.index - b.index).map(([id]) => this.#info(id));
    const past = ordered.filter(({ id }) => this.indexOf(id) <= this.index);
    const here = past.find(({ id }) => this.indexOf(id) === this.index)?.id ?? null;
    const { event } = this.state;
    const eventCount = this.line.states.at(-1)?.event ?? 0;
    const future = ordered.slice(past.length);
    return { past, future, here, event, eventCount, isAtHead: this.isAtHead, tracker: "toy" };
  }

  async densify(options: {
    readonly from: CheckpointId;
    readonly to: CheckpointId;
    readonly count: number;
  }): Promise<readonly CheckpointInfo[]> {
    const [from, to] = [this.indexOf(options.from), this.indexOf(options.to)];
    await this.restore(options.from);
    const made: CheckpointInfo[] = [];
    if (to - from < this.finest) return made;
    for (let nth = 1; nth <= options.count; nth++) {
      const index = from + Math.floor(((to - from) * nth) / (options.count + 1));
      if (index <= from || index === (made.at(-1) && this.indexOf((made.at(-1) as CheckpointInfo).id)))
        continue;
      this.index = index;
      made.push(this.#info(this.#keep("temporary")));
    }
    this.index = from;
    this.counts.densified++;
    return made;
  }

  async rewind(options: {
    readonly addresses: readonly bigint[];
    readonly spMin: bigint;
    readonly spMax: bigint;
  }): Promise<Stop> {
    this.counts.rewinds++;
    const wanted = new Set(options.addresses.map(indexOfAddress));
    for (let index = this.index - 1; index >= 0; index--) {
      const { pc, sp } = this.line.states[index] as ToyState;
      if (wanted.has(pc) && sp >= options.spMin && sp <= options.spMax) {
        this.index = index;
        return this.#stop({ kind: "breakpoint", address: addressOf(pc) });
      }
    }
    return this.#stop({ kind: "historyBegin" });
  }

  async reverse(): Promise<Stop> {
    this.index = Math.max(0, this.index - 1);
    return this.#stop({ kind: "step" });
  }

  interrupt(): void {}

  async save(): Promise<void> {
    throw new Error("a toy has no recordings");
  }

  async dropTemporary(): Promise<void> {
    for (const [id, kept] of this.#kept) if (kept.kind === "temporary") this.#kept.delete(id);
  }

  async startBranch(): Promise<readonly string[]> {
    this.line = {
      states: this.line.states.slice(0, this.index + 1),
      parent: this.line,
      forkIndex: this.index,
    };
    return [];
  }

  #keep(kind: CheckpointKind): CheckpointId {
    for (const [id, kept] of this.#kept) {
      if (kept.index !== this.index || !this.#isOn(kept, this.line)) continue;
      if (lastingness.indexOf(kind) > lastingness.indexOf(kept.kind)) kept.kind = kind;
      return id;
    }
    const id = ++this.#lastId as CheckpointId;
    this.#kept.set(id, { line: this.line, index: this.index, kind });
    return id;
  }

  #isOn(kept: Kept, line: Line): boolean {
    let limit = Number.POSITIVE_INFINITY;
    for (let each: Line | null = line; each !== null; each = each.parent) {
      if (kept.line === each) return kept.index <= limit;
      limit = Math.min(limit, each.forkIndex);
    }
    return false;
  }

  #found(id: CheckpointId): Kept {
    const kept = this.#kept.get(id);
    if (kept === undefined) throw new Error(`the toy engine has no checkpoint ${id}`);
    return kept;
  }

  #info(id: CheckpointId): CheckpointInfo {
    const kept = this.#found(id);
    const { event, pc } = kept.line.states[kept.index] as ToyState;
    return { id, kind: kept.kind, event, pc: addressOf(pc), cpuNs: kept.index, parent: null, pageCount: 1 };
  }

  #stop(reason: StopReason): Stop {
    const { pc, event } = this.state;
    return { ...reason, pid: 1, tid: 1, pc: addressOf(pc), event, isAtHead: this.isAtHead };
  }
}

export function addressOf(index: number): bigint {
  return 0x1000n + BigInt(index) * 4n;
}

export function indexOfAddress(address: bigint): number {
  return Number((address - 0x1000n) / 4n);
}
