/** gdb's breakpoints as the `=breakpoint-*` notifications tell them. */
import { type MiRecord, textOf, tupleOf } from "./record.ts";

export interface GdbBreakpoint {
  readonly number: number;
  /** "breakpoint", "hw watchpoint", "catchpoint" … as gdb names it. */
  readonly type: string;
  readonly isEnabled: boolean;
  readonly hitCount: number;
  readonly location: string | null;
}

export class BreakpointTable {
  readonly #rows = new Map<number, GdbBreakpoint>();

  get rows(): readonly GdbBreakpoint[] {
    return [...this.#rows.values()];
  }

  apply(record: MiRecord): void {
    if (record.kind !== "notify") return;
    if (record.class === "breakpoint-deleted") this.#rows.delete(Number(textOf(record.results.id)));
    if (record.class !== "breakpoint-created" && record.class !== "breakpoint-modified") return;
    const breakpoint = tupleOf(record.results.bkpt);
    const number = Number.parseInt(textOf(breakpoint?.number) ?? "", 10);
    if (breakpoint === null || Number.isNaN(number)) return;
    this.#rows.set(number, {
      number,
      type: textOf(breakpoint.type) ?? "",
      isEnabled: textOf(breakpoint.enabled) === "y",
      hitCount: Number(textOf(breakpoint.times) ?? 0),
      location: textOf(breakpoint["original-location"]) ?? textOf(breakpoint.what),
    });
  }
}
