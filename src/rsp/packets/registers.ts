/** Packets that read and write registers: g, G, p, P. */
import { bytesToHex, hexToBytes, parseCount } from "../hex.ts";
import { ok, type PacketRow } from "../packetRow.ts";
import { error, type Session } from "../session.ts";

const einval = 22;

export const registerPackets: readonly PacketRow[] = [
  {
    name: "g",
    needs: "process",
    run: ({ debuggee, registerFile }) =>
      debuggee.registers === null ? error(1) : bytesToHex(registerFile.readAll(debuggee.registers)),
  },
  { name: "G", needs: "process", run: writeAll },
  {
    name: "p",
    needs: "process",
    run({ debuggee, registerFile }, rest) {
      const number = parseCount(rest);
      const bytes =
        number === null || debuggee.registers === null ? null : registerFile.read(debuggee.registers, number);
      return bytes === null ? error(einval) : bytesToHex(bytes);
    },
  },
  { name: "P", needs: "process", run: writeOne },
];

async function writeAll({ debuggee, registerFile }: Session, rest: string): Promise<string> {
  const bytes = hexToBytes(rest);
  const changed =
    bytes === null || debuggee.registers === null ? null : registerFile.writeAll(debuggee.registers, bytes);
  if (changed === null) return error(einval);
  await debuggee.writeRegisters(changed);
  return ok;
}

async function writeOne({ debuggee, registerFile }: Session, rest: string): Promise<string> {
  const [name, value] = rest.split("=");
  const number = parseCount(name ?? "");
  const bytes = hexToBytes(value ?? "");
  if (number === null || bytes === null || debuggee.registers === null) return error(einval);
  const old = registerFile.read(debuggee.registers, number);
  if (old !== null && Buffer.compare(old, bytes) === 0) return ok;
  const changed = registerFile.write(debuggee.registers, number, bytes);
  if (changed === null) return error(einval);
  await debuggee.writeRegisters(changed);
  return ok;
}
