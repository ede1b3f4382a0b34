/** Finds and loads the native addon; its shape in TypeScript. */
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { FredError } from "../errors.ts";
import type {
  BreakpointSpec,
  CheckpointId,
  CheckpointInfo,
  CheckpointKind,
  LaunchOptions,
  OpenOptions,
  RecordingStatus,
  Registers,
  ResumeOptions,
  Stop,
  Timeline,
} from "./engine.ts";
import type { RecordingSummary } from "./recordings.ts";
import type { XsaveLayout } from "./xsaveLayout.ts";

/** One tracer thread with one engine; the promises reject with an Error that has `code`, `errno` and `syscall`. */
export interface NativeEngineObject {
  launch(options: LaunchOptions): Promise<Stop>;
  open(options: OpenOptions): Promise<Stop>;
  save(directory: string): Promise<void>;
  takeNotes(): Promise<readonly string[]>;
  letGo(): Promise<Stop>;
  recordingStatus(): Promise<RecordingStatus | null>;
  hostPid(): number | null;
  auxiliaryVector(): Uint8Array;
  kill(): Promise<void>;
  resume(options: ResumeOptions): Promise<Stop>;
  reverse(mode: "continue" | "step", thread?: number): Promise<Stop>;
  rewind(options: object): Promise<Stop>;
  interrupt(): void;
  readMemory(address: bigint, length: number): Uint8Array;
  writeMemory(address: bigint, bytes: Uint8Array): Promise<void>;
  threads(): Promise<readonly number[]>;
  readRegisters(thread?: number): Promise<Registers>;
  writeRegisters(registers: Partial<Registers>, thread?: number): Promise<void>;
  readSiginfo(): Promise<Uint8Array>;
  insertBreakpoint(spec: BreakpointSpec): Promise<void>;
  removeBreakpoint(spec: Pick<BreakpointSpec, "kind" | "address" | "length">): Promise<void>;
  clearBreakpoints(): Promise<void>;
  takeCheckpoint(kind: CheckpointKind): Promise<CheckpointInfo>;
  restore(id: CheckpointId): Promise<Stop>;
  timeline(): Promise<Timeline>;
  densify(options: object): Promise<readonly CheckpointInfo[]>;
  dropTemporary(): Promise<void>;
  startBranch(): Promise<readonly string[]>;
  beginScratch(isMute: boolean): Promise<void>;
  endScratch(): Promise<void>;
  close(): Promise<void>;
}

export interface NativeAddon {
  readonly Engine: new () => NativeEngineObject;
  xsaveLayout(): XsaveLayout;
  /** Throws an Error with `code` "RECORDING" where there is none. */
  summariseRecording(directory: string): RecordingSummary;
  /** Returns how many files it has copied. */
  packRecording(directory: string): number;
}

/** The same relative place from src/engine and from dist/engine. */
export const addonPath = fileURLToPath(
  new URL("../../native/build/Release/fred_addon.node", import.meta.url),
);

let loaded: NativeAddon | null = null;

/** Throws FredError "addonMissing" when it was not built, "addonUnusable" when it does not load. */
export function loadAddon(): NativeAddon {
  if (loaded !== null) return loaded;
  try {
    loaded = createRequire(import.meta.url)(addonPath) as NativeAddon;
    return loaded;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "MODULE_NOT_FOUND")
      throw new FredError("addonMissing", { path: addonPath }, { cause });
    throw new FredError(
      "addonUnusable",
      { path: addonPath, why: (cause as Error).message.split("\n")[0] ?? "" },
      { cause },
    );
  }
}
