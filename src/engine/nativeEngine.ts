/** The Engine over the native addon: forwards, makes FredErrors, and keeps interrupts from being lost. */
import type {
  BreakpointSpec,
  CheckpointId,
  CheckpointInfo,
  CheckpointKind,
  Engine,
  LaunchOptions,
  OpenOptions,
  RecordingStatus,
  Registers,
  ResumeOptions,
  Stop,
  Timeline,
} from "./engine.ts";
import { toFredError } from "./engineErrors.ts";
import { loadAddon, type NativeEngineObject } from "./nativeAddon.ts";

const interruptIntervalMs = 10;

/** Every failure is a FredError; `engineErrorCode` tells the engine's code ("EFAULT" …). */
export class NativeEngine implements Engine {
  readonly #native: NativeEngineObject = new (loadAddon().Engine)();
  /** Calls in flight that an interrupt ends. */
  #longCallCount = 0;
  #interrupter: NodeJS.Timeout | null = null;

  launch(options: LaunchOptions): Promise<Stop> {
    return this.#call("launch", () => this.#native.launch(options));
  }

  open(options: OpenOptions): Promise<Stop> {
    return this.#call("open", () => this.#native.open(options));
  }

  save(directory: string): Promise<void> {
    return this.#call("save", () => this.#native.save(directory));
  }

  takeNotes(): Promise<readonly string[]> {
    return this.#call("takeNotes", () => this.#native.takeNotes());
  }

  letGo(): Promise<Stop> {
    return this.#call("letGo", () => this.#native.letGo());
  }

  recordingStatus(): Promise<RecordingStatus | null> {
    return this.#call("recordingStatus", () => this.#native.recordingStatus());
  }

  hostPid(): number | null {
    return this.#native.hostPid();
  }

  auxiliaryVector(): Uint8Array {
    return this.#native.auxiliaryVector();
  }

  kill(): Promise<void> {
    return this.#call("kill", () => this.#native.kill());
  }

  resume(options: ResumeOptions): Promise<Stop> {
    return this.#longCall("resume", () => this.#native.resume(options));
  }

  reverse(mode: "continue" | "step", thread?: number): Promise<Stop> {
    return this.#longCall("reverse", () => this.#native.reverse(mode, thread));
  }

  rewind(options: Parameters<Engine["rewind"]>[0]): Promise<Stop> {
    return this.#longCall("rewind", () => this.#native.rewind(options));
  }

  /**
   * The native call does nothing unless the tracer thread is inside a long call at that moment: it is repeated
   * until the call in flight ends, so that an interrupt sent right after resume() (still queued) counts as well.
   */
  interrupt(): void {
    if (this.#longCallCount === 0) return;
    this.#native.interrupt();
    this.#interrupter ??= setInterval(() => this.#native.interrupt(), interruptIntervalMs);
  }

  readMemory(address: bigint, length: number): Uint8Array {
    try {
      return this.#native.readMemory(address, length);
    } catch (error) {
      throw toFredError("readMemory", error);
    }
  }

  writeMemory(address: bigint, bytes: Uint8Array): Promise<void> {
    return this.#call("writeMemory", () => this.#native.writeMemory(address, bytes));
  }

  threads(): Promise<readonly number[]> {
    return this.#call("threads", () => this.#native.threads());
  }

  readRegisters(thread?: number): Promise<Registers> {
    return this.#call("readRegisters", () => this.#native.readRegisters(thread));
  }

  writeRegisters(registers: Partial<Registers>, thread?: number): Promise<void> {
    return this.#call("writeRegisters", () => this.#native.writeRegisters(registers, thread));
  }

  readSiginfo(): Promise<Uint8Array> {
    return this.#call("readSiginfo", () => this.#native.readSiginfo());
  }

  insertBreakpoint(spec: BreakpointSpec): Promise<void> {
    return this.#call("insertBreakpoint", () => this.#native.insertBreakpoint(spec));
  }

  removeBreakpoint(spec: Pick<BreakpointSpec, "kind" | "address" | "length">): Promise<void> {
    return this.#call("removeBreakpoint", () => this.#native.removeBreakpoint(spec));
  }

  clearBreakpoints(): Promise<void> {
    return this.#call("clearBreakpoints", () => this.#native.clearBreakpoints());
  }

  takeCheckpoint(kind: CheckpointKind): Promise<CheckpointInfo> {
    return this.#call("takeCheckpoint", () => this.#native.takeCheckpoint(kind));
  }

  restore(id: CheckpointId): Promise<Stop> {
    return this.#call("restore", () => this.#native.restore(id));
  }

  timeline(): Promise<Timeline> {
    return this.#call("timeline", () => this.#native.timeline());
  }

  densify(options: Parameters<Engine["densify"]>[0]): Promise<readonly CheckpointInfo[]> {
    return this.#longCall("densify", () => this.#native.densify(options));
  }

  dropTemporary(): Promise<void> {
    return this.#call("dropTemporary", () => this.#native.dropTemporary());
  }

  startBranch(): Promise<readonly string[]> {
    return this.#call("startBranch", () => this.#native.startBranch());
  }

  beginScratch(options: { readonly isMute: boolean }): Promise<void> {
    return this.#call("beginScratch", () => this.#native.beginScratch(options.isMute));
  }

  endScratch(): Promise<void> {
    return this.#call("endScratch", () => this.#native.endScratch());
  }

  close(): Promise<void> {
    this.interrupt();
    return this.#call("close", () => this.#native.close());
  }

  async #call<T>(name: string, call: () => Promise<T>): Promise<T> {
    try {
      return await call();
    } catch (error) {
      throw toFredError(name, error);
    }
  }

  async #longCall<T>(name: string, call: () => Promise<T>): Promise<T> {
    this.#longCallCount++;
    try {
      return await this.#call(name, call);
    } finally {
      if (--this.#longCallCount === 0 && this.#interrupter !== null) {
        clearInterval(this.#interrupter);
        this.#interrupter = null;
      }
    }
  }
}
