/** Packets that move the debuggee: vCont, bs, bc, and the old c, s, C, S. */
import type { ResumeOptions } from "../../engine/engine.ts";
import { parseAddress, parseCount } from "../hex.ts";
import type { PacketRow, Reply } from "../packetRow.ts";
import { error, type Session } from "../session.ts";
import { linuxSignalOf } from "../signals.ts";
import { findThread } from "./threads.ts";

const einval = 22;

export const resumePackets: readonly PacketRow[] = [
  // gdb uses vCont only when c, C, s and S are all there; with r it steps over ranges in one packet.
  { name: "vCont?", needs: "nothing", feature: "vContSupported+", run: () => "vCont;c;C;s;S;t;r" },
  {
    name: "vCont",
    needs: "process",
    run: (session, rest) => runAction(session, parseActions(session, rest)),
  },
  {
    name: "bs",
    needs: "process",
    feature: "ReverseStep+",
    run: (session) => move(session, session.runner.reverse("step", session.debuggee.movedThread)),
  },
  {
    name: "bc",
    needs: "process",
    feature: "ReverseContinue+",
    run: (session) => move(session, session.runner.reverse("continue")),
  },
  { name: "c", needs: "process", run: (session, rest) => runAction(session, parseAction(`c${rest}`)) },
  { name: "s", needs: "process", run: (session, rest) => runAction(session, parseAction(`s${rest}`)) },
  { name: "C", needs: "process", run: (session, rest) => runAction(session, parseAction(`C${rest}`)) },
  { name: "S", needs: "process", run: (session, rest) => runAction(session, parseAction(`S${rest}`)) },
];

function runAction(session: Session, action: ResumeOptions | null): Reply | Promise<Reply> {
  return action === null ? error(einval) : move(session, session.runner.resume(action));
}

async function move(session: Session, motion: Promise<unknown>): Promise<Reply> {
  await motion;
  return session.moveReply();
}

/**
 * ";s:p1.1;c": the first action for a thread of ours, or the one without a thread; the others run while one is stepped. Without an action
 * for them (";s:p1.1": over a breakpoint) gdb takes no stop of theirs.
 */
function parseActions(session: Session, rest: string): ResumeOptions | null {
  const actions = rest.split(";").filter((text) => text !== "");
  for (const text of actions) {
    const [action, thread] = text.split(":");
    const tid = thread === undefined ? null : findThread(session, thread);
    if (action === undefined || (thread !== undefined && tid === null)) continue;
    const options = parseAction(action);
    if (options === null || tid === null || options.mode === "continue") return options;
    return { ...options, thread: tid, ...(actions.length === 1 && { isAlone: true }) };
  }
  return null;
}

/** "c", "C0b", "s", "S0b", "r401136,401140". Null when malformed or unknown. */
function parseAction(text: string): ResumeOptions | null {
  const rest = text.slice(1).split(";")[0] ?? "";
  switch (text[0]) {
    case "c":
      return rest === "" ? { mode: "continue" } : null;
    case "s":
      return rest === "" ? { mode: "step" } : null;
    case "C":
      return withSignal("continue", rest);
    case "S":
      return withSignal("step", rest);
    case "r":
      return parseRange(rest);
    default:
      return null;
  }
}

function withSignal(mode: "continue" | "step", digits: string): ResumeOptions | null {
  const signal = parseCount(digits);
  return signal === null ? null : { mode, signal: linuxSignalOf(signal) };
}

function parseRange(text: string): ResumeOptions | null {
  const [start, end] = text.split(",").map(parseAddress);
  if (start === undefined || end === undefined || start === null || end === null) return null;
  return start === end ? { mode: "step" } : { mode: "range", rangeStart: start, rangeEnd: end };
}
