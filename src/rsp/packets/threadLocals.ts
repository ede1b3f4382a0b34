/** Thread-local variables: qGetTLSAddr, with the one offset that only glibc knows, asked of gdb by qSymbol. */
import type { Registers } from "../../engine/engine.ts";
import { hexToText, parseAddress, textToHex } from "../hex.ts";
import { ok, type PacketRow } from "../packetRow.ts";
import { error, type Session } from "../session.ts";
import { findThread } from "./threads.ts";

const efault = 14;
const einval = 22;

/**
 * glibc describes its structures for debuggers: here { bits, count, byte offset of l_tls_modid in struct link_map
 * }.
 */
const descriptionSymbol = "_thread_db_link_map_l_tls_modid";
/** tcbhead_t.dtv, and the size of a dtv_t: part of glibc's ABI on x86-64. */
const dtvOffset = 8n;
const dtvEntryLength = 16n;
/** An entry whose block is not allocated yet holds this. */
const unallocated = 0xffff_ffff_ffff_ffffn;

export const threadLocalPackets: readonly PacketRow[] = [
  // ":" asks which symbol we want; ":value:name" answers. gdb offers again when new symbols are loaded.
  {
    name: "qSymbol",
    needs: "nothing",
    run(session, rest) {
      const [, value, name] = rest.split(":");
      if (name === "")
        return session.tlsDescription === null ? `qSymbol:${textToHex(descriptionSymbol)}` : ok;
      const address = parseAddress(value ?? "");
      if (address !== null && hexToText(name ?? "") === descriptionSymbol) session.tlsDescription = address;
      return ok;
    },
  },
  {
    name: "qGetTLSAddr",
    needs: "process",
    async run(session, rest) {
      const [thread, ...numbers] = rest.slice(1).split(",");
      const [offset, linkMap] = numbers.map(parseAddress);
      const tid = findThread(session, thread ?? "");
      const registers = tid === null ? null : await session.debuggee.registersOf(tid);
      if (registers === null) return error(einval);
      if (offset === undefined || offset === null || linkMap === undefined || linkMap === null)
        return error(einval);
      try {
        const block = findBlock(session, registers, linkMap);
        return block === null ? error(efault) : (block + offset).toString(16);
      } catch {
        return error(efault);
      }
    },
  },
];

/** The thread's block of the module: dtv[link_map.l_tls_modid]. Null when it has none yet. */
function findBlock(session: Session, registers: Registers, linkMap: bigint): bigint | null {
  if (session.tlsDescription === null) return null;
  const description = session.engine.readMemory(session.tlsDescription + 8n, 4);
  const moduleOffset = new DataView(description.buffer, description.byteOffset).getUint32(0, true);
  const module = readWord(session, linkMap + BigInt(moduleOffset));
  const threadPointer = session.registerFile.readGeneral(registers, "fs_base");
  const dtv = readWord(session, threadPointer + dtvOffset);
  if (module === 0n || dtv === 0n) return null;
  const block = readWord(session, dtv + module * dtvEntryLength);
  return block === unallocated ? null : block;
}

function readWord(session: Session, address: bigint): bigint {
  const bytes = session.engine.readMemory(address, 8);
  return new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true);
}
