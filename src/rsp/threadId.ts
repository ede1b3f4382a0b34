/** A thread as gdb names it in packets: "p1a.1b", "1b", "-1" (all), "0" (any). */
export interface ThreadId {
  /** null: all, or any. */
  readonly pid: number | null;
  readonly tid: number | null;
}

/** Null when the text is no thread. */
export function parseThread(text: string): ThreadId | null {
  const [, pid, tid] = /^(?:p(-1|[0-9a-fA-F]+))?\.?(-1|[0-9a-fA-F]*)$/.exec(text) ?? [];
  return tid === undefined ? null : { pid: numberOf(pid), tid: numberOf(tid) };
}

function numberOf(digits: string | undefined): number | null {
  if (!digits || digits === "-1") return null;
  return Number.parseInt(digits, 16) || null;
}
