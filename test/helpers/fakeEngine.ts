/** A whole Engine without a process: "execution" is a walk along a fixed list of instruction addresses. */
import type {
  BreakpointSpec,
  CheckpointId,
  CheckpointInfo,
  CheckpointKind,
  Engine,
  LaunchOptions,
  Registers,
  ResumeOptions,
  Stop,
  StopReason,
  Timeline,
} from "../../src/engine/engine.ts";

export interface FakeProgram {
  /** The instructions in the order in which they execute; the program exits after the last. */
  readonly pcs: readonly bigint[];
  readonly memory: readonly { readonly address: bigint; readonly bytes: Uint8Array }[];
  /** What executing the instruction at that index writes. */
  readonly effects?: readonly Write[];
  /** Linux signals that arrive just before the instruction at that index. */
  readonly signals?: ReadonlyMap<number, number>;
  /** From an interrupt to the stop; 0 when absent. */
  readonly interruptTakesMs?: number;
  /** The instruction at this index runs until an interrupt. */
  readonly spinAt?: number;
  readonly exitCode?: number;
  readonly stackPointer?: bigint;
  /** Executing the instruction at this index is not supported. */
  readonly unsupportedAt?: number;
}

export interface Write {
  readonly index: number;
  readonly address: bigint;
  readonly bytes: Uint8Array;
}

interface RegisterWrite {
  readonly index: number;
  readonly registers: Registers;
}

interface Checkpoint {
  readonly info: CheckpointInfo;
  readonly index: number;
}

const generalNames =
  "r15 r14 r13 r12 rbp rbx r11 r10 r9 r8 rax rcx rdx rsi rdi orig_rax rip cs eflags rsp ss fs_base gs_base ds es fs gs".split(
    " ",
  );

/** Error with a code, as the native addon makes them. */
export function engineError(code: string, text: string): Error {
  return Object.assign(new Error(text), { code, errno: 0, syscall: "fake" });
}

export class FakeEngine implements Engine {
  /** Every call, for assertions: ["insertBreakpoint", spec] … */
  readonly calls: (readonly [string, ...unknown[]])[] = [];
  readonly breakpoints = new Map<string, BreakpointSpec>();
  launched: LaunchOptions | null = null;
  readonly pid = process.pid;
  readonly #program: FakeProgram;
  #index = -1;
  #head = 0;
  #isOver = false;
  #userWrites: Write[] = [];
  #userRegisters: RegisterWrite[] = [];
  #checkpoints: Checkpoint[] = [];
  #nextId = 1;
  #isInterrupted = false;
  #scratch: { index: number; head: number; writes: Write[]; registers: RegisterWrite[] } | null = null;

  constructor(program: FakeProgram) {
    this.#program = program;
  }

  /** Where the fake stands: how many instructions were executed. */
  get index(): number {
    return this.#index;
  }

  async launch(options: LaunchOptions): Promise<Stop> {
    this.calls.push(["launch", options]);
    if (options.path.includes("missing"))
      throw engineError("EXEC", `${options.path}: No such file or directory`);
    this.#forget();
    this.launched = options;
    this.#index = 0;
    return this.#stop({ kind: "launched" });
  }

  async open(): Promise<Stop> {
    throw engineError("RECORDING", "the fake has no recordings");
  }

  async save(): Promise<void> {
    throw engineError("RECORDING", "the fake has no recordings");
  }

  async takeNotes(): Promise<readonly string[]> {
    return [];
  }

  async letGo(): Promise<Stop> {
    throw engineError("RECORDING", "the fake does not record");
  }

  async recordingStatus(): Promise<null> {
    return null;
  }

  hostPid(): number {
    return this.pid;
  }

  auxiliaryVector(): Uint8Array {
    return new Uint8Array(16);
  }

  async kill(): Promise<void> {
    this.calls.push(["kill"]);
    this.#check();
    this.#forget();
  }

  async resume(options: ResumeOptions): Promise<Stop> {
    this.calls.push(["resume", options]);
    this.#check();
    if (this.#isOver) throw engineError("NOT_RUNNING", "the program has ended");
    this.#isInterrupted = false;
    const limit = this.#checkpoints.find((c) => c.info.id === options.limit)?.index;
    for (let count = 0; ; count++) {
      if (count % 64 === 0) await new Promise((done) => setImmediate(done));
      const reason = await this.#stepForward(options, count === 0, limit);
      if (reason !== null) return this.#stop(reason);
    }
  }

  async reverse(mode: "continue" | "step"): Promise<Stop> {
    this.calls.push(["reverse", mode]);
    this.#check();
    this.#isOver = false;
    while (this.#index > 0) {
      this.#index--;
      if (mode === "step") return this.#stop({ kind: "step" });
      const hit = this.#breakpointHit();
      if (hit !== null) return this.#stop(hit);
    }
    return this.#stop({ kind: "historyBegin" });
  }

  async rewind(options: Parameters<Engine["rewind"]>[0]): Promise<Stop> {
    this.calls.push(["rewind", options]);
    for (let index = this.#index - 1; index >= 0; index--) {
      if (!options.addresses.includes(this.#pcAt(index))) continue;
      this.#index = index;
      return this.#stop({ kind: "step" });
    }
    return this.#stop({ kind: "historyBegin" });
  }

  interrupt(): void {
    this.calls.push(["interrupt"]);
    this.#isInterrupted = true;
  }

  readMemory(address: bigint, length: number): Uint8Array {
    const segment = this.#program.memory.find(
      (s) => address >= s.address && address < s.address + BigInt(s.bytes.length),
    );
    if (segment === undefined) throw engineError("EFAULT", `nothing is mapped at 0x${address.toString(16)}`);
    const start = Number(address - segment.address);
    const out = segment.bytes.slice(start, start + length);
    const writes = [
      ...(this.#program.effects ?? []).filter((w) => w.index < this.#index),
      ...this.#userWrites.filter((w) => w.index <= this.#index),
    ].sort((a, b) => a.index - b.index);
    for (const write of writes)
      write.bytes.forEach((byte, i) => {
        const at = write.address + BigInt(i) - address;
        if (at >= 0n && at < BigInt(out.length)) out[Number(at)] = byte;
      });
    return out;
  }

  async writeMemory(address: bigint, bytes: Uint8Array): Promise<void> {
    this.calls.push(["writeMemory", address, bytes]);
    this.readMemory(address, bytes.length);
    this.#userWrites.push({ index: this.#index, address, bytes });
  }

  async threads(): Promise<readonly number[]> {
    return [this.pid];
  }

  async readRegisters(): Promise<Registers> {
    this.#check();
    return this.#registers();
  }

  async writeRegisters(registers: Partial<Registers>): Promise<void> {
    this.calls.push(["writeRegisters", registers]);
    const next = { ...this.#registers(), ...registers };
    const pc = new DataView(next.general.buffer, next.general.byteOffset).getBigUint64(16 * 8, true);
    const index = pc === this.#pcAt(this.#index) ? this.#index : this.#program.pcs.indexOf(pc);
    if (index >= 0) this.#index = index;
    this.#userRegisters.push({ index: this.#index, registers: next });
  }

  async readSiginfo(): Promise<Uint8Array> {
    const signal = this.#program.signals?.get(this.#index);
    if (signal === undefined) return new Uint8Array();
    const out = new Uint8Array(128);
    out[0] = signal;
    return out;
  }

  async insertBreakpoint(spec: BreakpointSpec): Promise<void> {
    this.calls.push(["insertBreakpoint", spec]);
    if (spec.kind === "software") this.readMemory(spec.address, 1);
    if (this.breakpoints.has(keyOf(spec))) throw engineError("EEXIST", "there is such a breakpoint already");
    this.breakpoints.set(keyOf(spec), spec);
  }

  async removeBreakpoint(spec: Pick<BreakpointSpec, "kind" | "address" | "length">): Promise<void> {
    this.calls.push(["removeBreakpoint", spec]);
    if (!this.breakpoints.delete(keyOf(spec))) throw engineError("ENOENT", "there is no such breakpoint");
  }

  async clearBreakpoints(): Promise<void> {
    this.calls.push(["clearBreakpoints"]);
    this.breakpoints.clear();
  }

  async takeCheckpoint(kind: CheckpointKind): Promise<CheckpointInfo> {
    const old = this.#checkpoints.find((c) => c.index === this.#index);
    if (old !== undefined) return old.info;
    const info: CheckpointInfo = {
      id: this.#nextId++ as CheckpointId,
      kind,
      event: this.#index,
      pc: this.#pcAt(this.#index),
      cpuNs: this.#index * 1000,
      parent: this.#checkpoints.findLast((c) => c.index < this.#index)?.info.id ?? null,
      pageCount: 1,
    };
    this.#checkpoints.push({ info, index: this.#index });
    this.#checkpoints.sort((a, b) => a.index - b.index);
    return info;
  }

  async restore(id: CheckpointId): Promise<Stop> {
    this.calls.push(["restore", id]);
    const checkpoint = this.#checkpoints.find((c) => c.info.id === id);
    if (checkpoint === undefined) throw engineError("NO_CHECKPOINT", `there is no checkpoint ${id}`);
    this.#index = checkpoint.index;
    this.#isOver = false;
    return this.#stop({ kind: "travelled" });
  }

  async timeline(): Promise<Timeline> {
    const infos = (isPast: boolean) =>
      this.#checkpoints.filter((c) => c.index <= this.#index === isPast).map((c) => c.info);
    return {
      past: infos(true),
      future: infos(false),
      here: this.#checkpoints.find((c) => c.index === this.#index)?.info.id ?? null,
      event: this.#index,
      eventCount: this.#head,
      isAtHead: this.#index === this.#head,
      tracker: "fake",
    };
  }

  async densify(options: Parameters<Engine["densify"]>[0]): Promise<readonly CheckpointInfo[]> {
    const indexOf = (id: CheckpointId) => this.#checkpoints.find((c) => c.info.id === id)?.index ?? 0;
    const [from, to] = [indexOf(options.from), indexOf(options.to)];
    const infos: CheckpointInfo[] = [];
    for (let i = 1; i <= options.count; i++) {
      this.#index = from + Math.floor(((to - from) * i) / (options.count + 1));
      infos.push(await this.takeCheckpoint("temporary"));
    }
    this.#index = from;
    return infos;
  }

  async dropTemporary(): Promise<void> {
    this.#checkpoints = this.#checkpoints.filter((c) => c.info.kind !== "temporary");
  }

  async startBranch(): Promise<readonly string[]> {
    this.calls.push(["startBranch"]);
    this.#head = this.#index;
    this.#checkpoints = this.#checkpoints.filter((c) => c.index <= this.#index);
    return ["output already written stays written"];
  }

  async beginScratch(options: { readonly isMute: boolean }): Promise<void> {
    this.calls.push(["beginScratch", options]);
    this.#scratch = {
      index: this.#index,
      head: this.#head,
      writes: [...this.#userWrites],
      registers: [...this.#userRegisters],
    };
  }

  async endScratch(): Promise<void> {
    if (this.#scratch === null) throw engineError("NO_SCRATCH", "not in scratch");
    this.#index = this.#scratch.index;
    this.#head = this.#scratch.head;
    this.#userWrites = this.#scratch.writes;
    this.#userRegisters = this.#scratch.registers;
    this.#scratch = null;
  }

  async close(): Promise<void> {
    this.#forget();
  }

  #forget(): void {
    this.#index = -1;
    this.#head = 0;
    this.#isOver = false;
    this.#userWrites = [];
    this.#userRegisters = [];
    this.#checkpoints = [];
    this.breakpoints.clear();
  }

  #check(): void {
    if (this.#index < 0) throw engineError("NOT_RUNNING", "no program is running");
  }

  #pcAt(index: number): bigint {
    return this.#program.pcs[Math.min(index, this.#program.pcs.length - 1)] as bigint;
  }

  /** One instruction; null: go on. */
  async #stepForward(
    options: ResumeOptions,
    isFirst: boolean,
    limit: number | undefined,
  ): Promise<StopReason | null> {
    if (limit !== undefined && this.#index >= limit) return { kind: "historyEnd" };
    if (this.#program.unsupportedAt === this.#index)
      return { kind: "unsupported", text: "the syscall fork is not supported" };
    if (this.#program.spinAt === this.#index) {
      while (!this.#isInterrupted) await new Promise((done) => setImmediate(done));
      await new Promise((done) => setTimeout(done, this.#program.interruptTakesMs ?? 0));
    }
    if (this.#isInterrupted && !isFirst) return { kind: "interrupted" };
    if (this.#program.spinAt === this.#index && this.#isInterrupted) return { kind: "interrupted" };
    const before = this.#watchedValues();
    this.#index++;
    this.#head = Math.max(this.#head, this.#index);
    if (this.#index >= this.#program.pcs.length) {
      this.#isOver = true;
      return { kind: "exited", code: this.#program.exitCode ?? 0 };
    }
    const signal = this.#program.signals?.get(this.#index);
    if (signal !== undefined) return { kind: "signal", signal };
    const hit = this.#watchHit(before) ?? this.#breakpointHit();
    if (hit !== null) return hit;
    if (options.mode === "step") return { kind: "step" };
    if (options.mode === "range" && !isInRange(this.#pcAt(this.#index), options)) return { kind: "step" };
    return null;
  }

  #breakpointHit(): StopReason | null {
    const address = this.#pcAt(this.#index);
    for (const spec of this.breakpoints.values()) {
      if (spec.address !== address) continue;
      if (spec.kind === "software") return { kind: "breakpoint", address };
      if (spec.kind === "hardware") return { kind: "hardwareBreakpoint", address };
    }
    return null;
  }

  #watchedValues(): Map<BreakpointSpec, Uint8Array> {
    const watches = [...this.breakpoints.values()].filter(
      (s) => s.kind !== "software" && s.kind !== "hardware",
    );
    return new Map(watches.map((spec) => [spec, this.readMemory(spec.address, spec.length)]));
  }

  #watchHit(before: ReadonlyMap<BreakpointSpec, Uint8Array>): StopReason | null {
    for (const [spec, old] of before) {
      if (Buffer.compare(old, this.readMemory(spec.address, spec.length)) === 0) continue;
      return { kind: "watchpoint", address: spec.address, access: spec.kind as "write" | "read" | "access" };
    }
    return null;
  }

  #registers(): Registers {
    const override = this.#userRegisters.findLast((r) => r.index <= this.#index)?.registers;
    const general = override === undefined ? new Uint8Array(27 * 8) : override.general.slice();
    const view = new DataView(general.buffer, general.byteOffset);
    const set = (name: string, value: bigint) =>
      view.setBigUint64(generalNames.indexOf(name) * 8, value, true);
    set("rip", this.#pcAt(this.#index));
    if (override !== undefined) return { general, xstate: override.xstate.slice() };
    set("rax", BigInt(this.#index));
    set("rsp", this.#program.stackPointer ?? 0n);
    set("rbp", this.#program.stackPointer ?? 0n);
    set("cs", 0x33n);
    set("ss", 0x2bn);
    set("eflags", 0x246n);
    return { general, xstate: fakeXstate() };
  }

  #stop(reason: StopReason): Stop {
    return {
      ...reason,
      pid: this.pid,
      tid: this.pid,
      pc: this.#pcAt(this.#index),
      event: this.#index,
      isAtHead: this.#index === this.#head,
    };
  }
}

/** XMM0 to XMM2 hold 1, 2, 3 …; AVX and above in their initial state; the layout is `fakeXsave`. */
function fakeXstate(): Uint8Array {
  const xstate = new Uint8Array(2432);
  const view = new DataView(xstate.buffer);
  view.setUint16(0, 0x37f, true);
  view.setUint32(24, 0x1f80, true);
  for (let i = 0; i < 3; i++) xstate[160 + 16 * i] = i + 1;
  view.setBigUint64(512, 3n, true);
  return xstate;
}

export const fakeXsave = {
  features: 0xe7n,
  size: 2432,
  components: [
    { index: 2, offset: 576, size: 256 },
    { index: 5, offset: 832, size: 64 },
    { index: 6, offset: 896, size: 512 },
    { index: 7, offset: 1408, size: 1024 },
  ],
};

function keyOf(spec: Pick<BreakpointSpec, "kind" | "address" | "length">): string {
  return `${spec.kind}:${spec.address}:${spec.length}`;
}

function isInRange(pc: bigint, options: ResumeOptions): boolean {
  return pc >= (options.rangeStart ?? 0n) && pc < (options.rangeEnd ?? 0n);
}
