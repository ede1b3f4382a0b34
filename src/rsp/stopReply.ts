/** The engine's stops as gdb's stop replies. */
import type { Registers, Stop } from "../engine/engine.ts";
import { bytesToHex } from "./hex.ts";
import type { RegisterFile } from "./registerFile.ts";
import { gdbSignalOf } from "./signals.ts";

export interface ThreadNaming {
  /** gdb said multiprocess+: threads are "pPID.TID". */
  readonly isMultiprocess: boolean;
}

const sigint = 2;
const sigtrap = 5;

const watchNames = { write: "watch", read: "rwatch", access: "awatch" } as const;

/** Kinds of stop whose reply is T05 with this text before the thread. */
const trapTexts: { readonly [K in Stop["kind"]]?: (stop: Extract<Stop, { kind: K }>) => string } = {
  launched: () => "",
  step: () => "",
  breakpoint: () => "swbreak:;",
  hardwareBreakpoint: () => "hwbreak:;",
  watchpoint: (stop) => `${watchNames[stop.access]}:${stop.address.toString(16)};`,
  historyBegin: () => "replaylog:begin;",
  historyEnd: () => "replaylog:end;",
  unsupported: () => "",
  diverged: () => "",
};

export function renderThread(stop: Pick<Stop, "pid" | "tid">, naming: ThreadNaming): string {
  return naming.isMultiprocess ? `p${stop.pid.toString(16)}.${stop.tid.toString(16)}` : stop.tid.toString(16);
}

/** True when gdb hears W or X: the process is gone for it. */
export function isEnd(stop: Stop): boolean {
  return stop.kind === "exited" || stop.kind === "killed";
}

export function renderEnd(stop: Stop & { kind: "exited" | "killed" }, naming: ThreadNaming): string {
  const suffix = naming.isMultiprocess ? `;process:${stop.pid.toString(16)}` : "";
  return stop.kind === "exited"
    ? `W${hexByte(stop.code & 0xff)}${suffix}`
    : `X${hexByte(gdbSignalOf(stop.signal))}${suffix}`;
}

/** rip, rsp and rbp come along: gdb asks for them at every stop. */
const expeditedNames = ["rbp", "rsp", "rip"] as const;

export function renderStop(
  stop: Stop,
  naming: ThreadNaming,
  file: RegisterFile,
  registers: Registers,
): string {
  if (stop.kind === "exited" || stop.kind === "killed") return renderEnd(stop, naming);
  const text = trapTexts[stop.kind] as ((stop: Stop) => string) | undefined;
  const expedited = expeditedNames.map((name) => {
    const number = file.numberOf(name);
    return `${hexByte(number)}:${bytesToHex(file.read(registers, number) ?? new Uint8Array())};`;
  });
  const reason = text?.(stop) ?? "";
  return `T${hexByte(signalOf(stop))}${reason}thread:${renderThread(stop, naming)};${expedited.join("")}`;
}

/** After a travel gdb hears signal 0: a plain stop, for which it looks for no breakpoint hits. */
function signalOf(stop: Stop): number {
  if (stop.kind === "signal") return gdbSignalOf(stop.signal);
  if (stop.kind === "interrupted") return sigint;
  return stop.kind === "travelled" ? 0 : sigtrap;
}

function hexByte(value: number): string {
  return value.toString(16).padStart(2, "0");
}
