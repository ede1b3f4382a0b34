/** Packets that read and write memory: m, x, M, X. gdb's hot path. */
import { engineErrorCode } from "../../engine/engineErrors.ts";
import { bytesToHex, hexToBytes, parseAddressAndLength } from "../hex.ts";
import { escapeBinary } from "../packetCodec.ts";
import { ok, type PacketRow } from "../packetRow.ts";
import { error, packetSize, type Session } from "../session.ts";

const efault = 14;
const einval = 22;
/** Two hex digits or an escaped pair per byte, and some room for the frame. */
const maxReadLength = packetSize / 2 - 16;

export const memoryPackets: readonly PacketRow[] = [
  { name: "m", needs: "process", run: (session, rest) => read(session, rest, bytesToHex) },
  {
    name: "x",
    needs: "process",
    feature: "binary-upload+",
    run: (session, rest) => read(session, rest, (bytes) => `b${escapeBinary(bytes)}`),
  },
  { name: "M", needs: "process", run: (session, rest) => write(session, rest, hexToBytes) },
  {
    name: "X",
    needs: "process",
    run: (session, rest) => write(session, rest, (text) => Uint8Array.from(Buffer.from(text, "latin1"))),
  },
];

function read(session: Session, rest: string, render: (bytes: Uint8Array) => string): string {
  const range = parseAddressAndLength(rest);
  if (range === null) return error(einval);
  if (range.length === 0) return render(new Uint8Array());
  try {
    return render(session.engine.readMemory(range.address, Math.min(range.length, maxReadLength)));
  } catch {
    return error(efault);
  }
}

async function write(
  session: Session,
  rest: string,
  parse: (text: string) => Uint8Array | null,
): Promise<string> {
  const colon = rest.indexOf(":");
  const range = colon < 0 ? null : parseAddressAndLength(rest.slice(0, colon));
  const bytes = colon < 0 ? null : parse(rest.slice(colon + 1));
  if (range === null || bytes === null || bytes.length !== range.length) return error(einval);
  if (bytes.length === 0) return ok;
  try {
    await session.debuggee.writeMemory(range.address, bytes);
    return ok;
  } catch (cause) {
    const code = engineErrorCode(cause);
    if (code === null || code === "STORED") throw cause;
    return error(efault);
  }
}
