/** qXfer: objects that gdb reads in pieces. */
import { parseAddressAndLength } from "../hex.ts";
import { escapeBinary } from "../packetCodec.ts";
import type { PacketRow, Reply } from "../packetRow.ts";
import { error, packetSize, type Session } from "../session.ts";
import { renderTargetDescription } from "../targetDescription.ts";
import { escapeXml } from "../xml.ts";
import { threadName } from "./threads.ts";

const einval = 22;

interface TransferObject {
  readonly name: string;
  readonly needs: PacketRow["needs"];
  /** The whole content as latin1 or UTF-8 bytes; null: no such annex. */
  read(session: Session, annex: string): Buffer | null | Promise<Buffer | null>;
}

const objects: readonly TransferObject[] = [
  {
    name: "features",
    needs: "nothing",
    read: (session, annex) =>
      annex === "target.xml" ? Buffer.from(renderTargetDescription(session.registerFile.features)) : null,
  },
  {
    name: "auxv",
    needs: "process",
    read: (session) => Buffer.from(session.engine.auxiliaryVector()),
  },
  { name: "exec-file", needs: "process", read: (session) => Buffer.from(session.debuggee.path) },
  {
    name: "siginfo",
    needs: "process",
    read: async (session) => Buffer.from(await session.engine.readSiginfo()),
  },
  {
    name: "libraries-svr4",
    needs: "process",
    read: ({ libraries, debuggee: { stop } }) => Buffer.from(libraries.render(stop?.event ?? 0)),
  },
  { name: "threads", needs: "nothing", read: (session) => Buffer.from(renderThreads(session)) },
];

export const transferPackets: readonly PacketRow[] = objects.map((object) => ({
  name: `qXfer:${object.name}:read`,
  needs: object.needs,
  feature: `qXfer:${object.name}:read+`,
  run: (session, rest) => readPiece(session, object, rest),
}));

/** ":annex:offset,length" → "m" and data, or "l" and the last data. The content is read once, at offset 0. */
async function readPiece(session: Session, object: TransferObject, rest: string): Promise<Reply> {
  const end = rest.lastIndexOf(":");
  const annex = rest.slice(1, Math.max(end, 1));
  const range = parseAddressAndLength(rest.slice(end + 1));
  if (range === null) return error(einval);
  const key = `${object.name}:${annex}`;
  if (range.address === 0n || session.transfer?.key !== key) {
    const content = await object.read(session, annex);
    if (content === null) return error(0);
    session.transfer = { key, content };
  }
  return renderPiece(session.transfer.content, Number(range.address), range.length);
}

/** Escaping may double the length. */
function renderPiece(content: Buffer, offset: number, length: number): string {
  const piece = content.subarray(offset, offset + Math.min(length, packetSize / 2 - 16));
  const isLast = offset + piece.length >= content.length;
  return (isLast ? "l" : "m") + escapeBinary(piece);
}

function renderThreads(session: Session): string {
  const rows = session.debuggee.threads.map(
    (tid) => `<thread id="${session.threadText(tid)}" name="${escapeXml(threadName(session, tid))}"/>`,
  );
  return `<?xml version="1.0"?><threads>${rows.join("")}</threads>`;
}
