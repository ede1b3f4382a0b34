/** The process as gdb knows it, with the registers of the present stop; every change of it passes the branch rule. */
import type { Engine, Registers, Stop } from "../engine/engine.ts";
import type { EventSource } from "./events.ts";
import { isEnd } from "./stopReply.ts";

/** "over": gdb has heard W or X; the engine's process is parked and may come back by a staged travel. */
export type Phase = "none" | "stopped" | "running" | "over";

export class Debuggee {
  readonly #engine: Engine;
  readonly #events: EventSource;
  #phase: Phase = "none";
  #stop: Stop | null = null;
  /** Those that live at the present stop. */
  #threads: readonly number[] = [];
  /** The thread whose registers gdb reads and writes (Hg). */
  #selected = 0;
  /** The thread that gdb means to move (Hc) by a packet that does not say it; undefined: the one that has stopped. */
  movedThread: number | undefined;
  /** By thread, of the present stop; read when gdb asks. */
  readonly #registers = new Map<number, Registers>();
  #scratchStop: Stop | null = null;
  path = "";
  /** Within a scratch: an inferior call of gdb runs. */
  isCalling = false;

  constructor(engine: Engine, events: EventSource) {
    this.#engine = engine;
    this.#events = events;
  }

  get phase(): Phase {
    return this.#phase;
  }

  /** The last stop; null without a process. */
  get stop(): Stop | null {
    return this.#stop;
  }

  /** Numbers (tid), in order of birth; none unless stopped. */
  get threads(): readonly number[] {
    return this.#phase === "stopped" ? this.#threads : [];
  }

  /** Of the selected thread; null unless stopped. */
  get registers(): Registers | null {
    return this.#phase === "stopped" ? (this.#registers.get(this.#selected) ?? null) : null;
  }

  /** Of the thread that has stopped. */
  get stopRegisters(): Registers | null {
    return this.#phase === "stopped" && this.#stop !== null
      ? (this.#registers.get(this.#stop.tid) ?? null)
      : null;
  }

  async registersOf(thread: number): Promise<Registers | null> {
    if (!this.threads.includes(thread)) return null;
    const known = this.#registers.get(thread);
    if (known !== undefined) return known;
    const registers = await this.#engine.readRegisters(thread);
    this.#registers.set(thread, registers);
    return registers;
  }

  /** False: there is no such thread. */
  async select(thread: number): Promise<boolean> {
    if ((await this.registersOf(thread)) === null) return false;
    this.#selected = thread;
    return true;
  }

  get isInScratch(): boolean {
    return this.#scratchStop !== null;
  }

  run(): void {
    this.#phase = "running";
    this.#registers.clear();
  }

  /** Reads the registers of the new stop (none when the process has ended), then tells the owner. */
  async halt(stop: Stop): Promise<void> {
    this.#registers.clear();
    if (!isEnd(stop)) {
      this.#registers.set(stop.tid, await this.#engine.readRegisters(stop.tid));
      this.#threads = await this.#engine.threads();
    }
    this.#selected = stop.tid;
    this.movedThread = undefined;
    this.#stop = stop;
    this.#phase = isEnd(stop) ? "over" : "stopped";
  }

  forget(): void {
    this.#phase = "none";
    this.#stop = null;
    this.#registers.clear();
    this.#scratchStop = null;
    this.isCalling = false;
  }

  async writeMemory(address: bigint, bytes: Uint8Array): Promise<void> {
    if (this.#holds(address, bytes)) return;
    await this.#beforeChange();
    await this.#engine.writeMemory(address, bytes);
  }

  async writeRegisters(registers: Registers): Promise<void> {
    const old = this.registers;
    if (old !== null && areEqual(old, registers)) return;
    await this.#beforeChange();
    await this.#engine.writeRegisters(changedParts(old, registers), this.#selected);
    this.#registers.set(this.#selected, registers);
  }

  async beginScratch(options: { readonly isMute: boolean }): Promise<void> {
    await this.#engine.beginScratch(options);
    this.#scratchStop = this.#stop;
  }

  /** Does nothing outside a scratch. */
  async endScratch(): Promise<void> {
    const stop = this.#scratchStop;
    if (stop === null) return;
    await this.#engine.endScratch();
    this.#scratchStop = null;
    await this.halt(stop);
  }

  /** Writing what is there already (gdb does) must not start a branch. */
  #holds(address: bigint, bytes: Uint8Array): boolean {
    try {
      return Buffer.compare(this.#engine.readMemory(address, bytes.length), bytes) === 0;
    } catch {
      return false;
    }
  }

  async #beforeChange(): Promise<void> {
    const stop = this.#stop;
    if (this.isInScratch || stop === null || stop.isAtHead) return;
    const lines = await this.#engine.startBranch();
    this.#stop = { ...stop, isAtHead: true };
    this.#events.emit({ kind: "branch", lines });
  }
}

function areEqual(a: Registers, b: Registers): boolean {
  return Buffer.compare(a.general, b.general) === 0 && Buffer.compare(a.xstate, b.xstate) === 0;
}

function changedParts(old: Registers | null, next: Registers): Partial<Registers> {
  if (old === null) return next;
  const isGeneralSame = Buffer.compare(old.general, next.general) === 0;
  const isXstateSame = Buffer.compare(old.xstate, next.xstate) === 0;
  return {
    ...(isGeneralSame ? {} : { general: next.general }),
    ...(isXstateSame ? {} : { xstate: next.xstate }),
  };
}
