/** What a `*stopped` record says, in the words of `Debugger`. */
import type { StopCause } from "../../../debugger.ts";
import { type MiRecord, textOf, tupleOf } from "./record.ts";

export interface StoppedFacts {
  readonly cause: StopCause;
  readonly breakpointNumbers: readonly number[];
  readonly signal: string | null;
  readonly threadNumber: number | null;
}

/** gdb's reasons (gdb/mi/mi-common.c of gdb 13) that are not already a StopCause. */
const causes: Readonly<Record<string, StopCause>> = {
  "end-stepping-range": "end-stepping-range",
  "breakpoint-hit": "breakpoint-hit",
  "watchpoint-trigger": "watchpoint-trigger",
  "read-watchpoint-trigger": "watchpoint-trigger",
  "access-watchpoint-trigger": "watchpoint-trigger",
  "watchpoint-scope": "watchpoint-trigger",
  "function-finished": "function-finished",
  "location-reached": "location-reached",
  "signal-received": "signal-received",
  exited: "exited",
  "exited-normally": "exited",
  "exited-signalled": "exited",
  "no-history": "no-history",
};

export const noStop: StoppedFacts = {
  cause: "other",
  breakpointNumbers: [],
  signal: null,
  threadNumber: null,
};

export function readStopped(record: MiRecord): StoppedFacts {
  if (record.kind !== "exec" || record.class !== "stopped") return noStop;
  const results = record.results;
  const watch = tupleOf(results.wpt) ?? tupleOf(results["hw-rwpt"]) ?? tupleOf(results["hw-awpt"]);
  const number = textOf(results.bkptno) ?? textOf(watch?.number) ?? textOf(results.wpnum);
  const thread = textOf(results["thread-id"]);
  return {
    cause: causes[textOf(results.reason) ?? ""] ?? "other",
    breakpointNumbers: number === null ? [] : [Number.parseInt(number, 10)],
    signal: textOf(results["signal-name"]),
    threadNumber: thread === null ? null : Number(thread),
  };
}
