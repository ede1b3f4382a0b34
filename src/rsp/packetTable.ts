/** All packets: dispatch by name, and the answer to qSupported. */

import { type PacketRow, type Reply, unsupported } from "./packetRow.ts";
import { breakpointPackets } from "./packets/breakpoints.ts";
import { filePackets } from "./packets/files.ts";
import { launchPackets } from "./packets/launch.ts";
import { memoryPackets } from "./packets/memory.ts";
import { monitorPackets } from "./packets/monitor.ts";
import { registerPackets } from "./packets/registers.ts";
import { resumePackets } from "./packets/resume.ts";
import { settingPackets } from "./packets/settings.ts";
import { threadLocalPackets } from "./packets/threadLocals.ts";
import { threadPackets } from "./packets/threads.ts";
import { transferPackets } from "./packets/transfer.ts";
import { error, packetSize, type Session } from "./session.ts";

const supported: PacketRow = {
  name: "qSupported",
  needs: "nothing",
  run(session, rest) {
    const words = rest.slice(1).split(";");
    session.gdbFeatures = new Set(words.filter((w) => w.endsWith("+")).map((w) => w.slice(0, -1)));
    return [`PacketSize=${packetSize.toString(16)}`, ...features].join(";");
  },
};

export const packetRows: readonly PacketRow[] = [
  supported,
  ...settingPackets,
  ...launchPackets,
  ...resumePackets,
  ...threadPackets,
  ...threadLocalPackets,
  ...registerPackets,
  ...memoryPackets,
  ...breakpointPackets,
  ...transferPackets,
  ...filePackets,
  ...monitorPackets,
];

const features = [
  ...new Set(packetRows.flatMap((row) => (row.feature === undefined ? [] : row.feature.split(";")))),
];

const byName = new Map(packetRows.map((row) => [row.name, row]));

/** Packets that start with one of these have names of several letters. */
const wordInitials = new Set(["q", "Q", "v", "b"]);

/** `body` is unescaped. Never throws: a handler's failure becomes E01 and goes to `onFailure`. */
export function dispatch(
  session: Session,
  body: string,
  onFailure: (error: unknown) => void,
): Reply | Promise<Reply> {
  const name = nameOf(body);
  const row = name === null ? undefined : byName.get(name);
  if (row === undefined || name === null) return unsupported;
  if (row.needs === "process" && session.debuggee.phase !== "stopped") return error(1);
  const fail = (cause: unknown): Reply => {
    onFailure(cause);
    return error(1);
  };
  try {
    const reply = row.run(session, body.slice(name.length));
    return reply instanceof Promise ? reply.catch(fail) : reply;
  } catch (cause) {
    return fail(cause);
  }
}

/** The longest name in the table that `body` starts with; null when there is none. */
function nameOf(body: string): string | null {
  const initial = body[0] ?? "";
  if (!wordInitials.has(initial)) return initial;
  const parts = body.split(":", 3);
  for (let count = parts.length; count > 1; count--) {
    const name = parts.slice(0, count).join(":");
    if (byName.has(name)) return name;
  }
  return /^[^:;,]*/.exec(body)?.[0] ?? null;
}
