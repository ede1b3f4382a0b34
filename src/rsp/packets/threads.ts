/** Packets about threads and the present stop: ?, H, T, qC, thread lists and names. */
import { readFileSync } from "node:fs";
import { textToHex } from "../hex.ts";
import { ok, type PacketRow } from "../packetRow.ts";
import { error, type Session } from "../session.ts";
import { parseThread } from "../threadId.ts";

export const threadPackets: readonly PacketRow[] = [
  { name: "?", needs: "nothing", run: (session) => session.stopReply() },
  { name: "H", needs: "nothing", run: selectThread },
  {
    name: "T",
    needs: "process",
    run: (session, rest) => (findThread(session, rest) === null ? error(1) : ok),
  },
  {
    name: "qC",
    needs: "process",
    run: (session) => `QC${session.threadText(session.debuggee.stop?.tid ?? 0)}`,
  },
  {
    name: "qfThreadInfo",
    needs: "nothing",
    feature: "multiprocess+",
    run: (session) => {
      const { threads } = session.debuggee;
      return threads.length === 0 ? "l" : `m${threads.map((tid) => session.threadText(tid)).join(",")}`;
    },
  },
  { name: "qsThreadInfo", needs: "nothing", run: () => "l" },
  {
    name: "qThreadExtraInfo",
    needs: "process",
    run(session, rest) {
      const tid = findThread(session, rest.slice(1));
      return tid === null ? error(1) : textToHex(threadName(session, tid));
    },
  },
];

/** "g" and a thread: whose registers are meant from here on. "c": which one the next move is about. */
async function selectThread(session: Session, rest: string): Promise<string> {
  const { debuggee } = session;
  if (debuggee.stop === null) return parseThread(rest.slice(1)) === null ? error(1) : ok;
  const tid = findThread(session, rest.slice(1));
  if (tid === null) return error(1);
  if (rest[0] === "c") debuggee.movedThread = tid;
  if (rest[0] !== "g" || debuggee.phase !== "stopped") return ok;
  return (await debuggee.select(tid)) ? ok : error(1);
}

/** The thread that gdb names; where it names any, the one that has stopped. Null: there is none of that name. */
export function findThread(session: Session, text: string): number | null {
  const { stop, threads } = session.debuggee;
  const named = parseThread(text);
  if (named === null || stop === null || (named.pid !== null && named.pid !== stop.pid)) return null;
  if (named.tid === null || named.tid === stop.tid) return stop.tid;
  return threads.includes(named.tid) ? named.tid : null;
}

/** The name that /proc gives; empty when it is not to be had. */
export function threadName(session: Session, tid: number): string {
  const pid = session.engine.hostPid();
  if (pid === null) return "";
  try {
    return readFileSync(`/proc/${pid}/task/${tid}/comm`, "utf8").trim();
  } catch {
    return "";
  }
}
