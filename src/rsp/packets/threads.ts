/** Packets about threads and the present stop: ?, H, T, qC, thread lists and names. */
import { readFileSync } from "node:fs";
import { textToHex } from "../hex.ts";
import { ok, type PacketRow } from "../packetRow.ts";
import { error, type Session } from "../session.ts";

export const threadPackets: readonly PacketRow[] = [
  { name: "?", needs: "nothing", run: (session) => session.stopReply() },
  { name: "H", needs: "nothing", run: (session, rest) => (isOurs(session, rest.slice(1)) ? ok : error(1)) },
  { name: "T", needs: "process", run: (session, rest) => (isOurs(session, rest) ? ok : error(1)) },
  { name: "qC", needs: "process", run: (session) => `QC${session.thread}` },
  {
    name: "qfThreadInfo",
    needs: "nothing",
    feature: "multiprocess+",
    run: (session) => (session.debuggee.phase === "stopped" ? `m${session.thread}` : "l"),
  },
  { name: "qsThreadInfo", needs: "nothing", run: () => "l" },
  { name: "qThreadExtraInfo", needs: "process", run: (session) => textToHex(threadName(session)) },
];

/** "p1a.1a", "1a", "-1", "0" (any): does it name the debuggee's thread? Without a process every name will do. */
function isOurs(session: Session, text: string): boolean {
  const { stop } = session.debuggee;
  const [, pid, tid] = /^(?:p(-1|[0-9a-fA-F]+))?\.?(-1|[0-9a-fA-F]*)$/.exec(text) ?? [];
  if (tid === undefined) return false;
  if (stop === null) return true;
  const matches = (digits: string | undefined, number: number) =>
    !digits || digits === "-1" || Number.parseInt(digits, 16) === 0 || Number.parseInt(digits, 16) === number;
  return matches(pid, stop.pid) && matches(tid, stop.tid);
}

/** The name that /proc gives; empty when it is not to be had. */
export function threadName(session: Session): string {
  const { stop } = session.debuggee;
  if (stop === null) return "";
  try {
    return readFileSync(`/proc/${stop.pid}/task/${stop.tid}/comm`, "utf8").trim();
  } catch {
    return "";
  }
}
