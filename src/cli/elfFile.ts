/** What an ELF file says of itself: machine, kind, loader, debug information. Nothing in it is believed unchecked. */
import { readSync } from "node:fs";

export interface ElfFile {
  /** e_machine of elf.h. */
  readonly machine: number;
  readonly is64Bit: boolean;
  readonly kind: "object" | "program" | "shared" | "core" | "other";
  /** Address of the first instruction; 0n: none, it cannot be started. */
  readonly entry: bigint;
  /** The dynamic loader that it asks for. */
  readonly loader: string | null;
  /** Every table that it names lies within the file. Meaningful for 64-bit files of this machine only. */
  readonly isComplete: boolean;
  readonly hasDebugInfo: boolean;
}

const kinds: readonly ElfFile["kind"][] = ["other", "object", "program", "shared", "core"];
const littleEndian = 1;
const programHeaderSize = 56;
const sectionHeaderSize = 64;
const loaderSegment = 3;
const longestLoader = 4096n;
const debugSections = [".debug_info\0", ".zdebug_info\0", ".gnu_debuglink\0"];
const mostNameBytes = 1n << 20n;

/** Null when it is no ELF file at all. */
export function readElf(descriptor: number): ElfFile | null {
  const header = readAt(descriptor, 0n, 64n) ?? readAt(descriptor, 0n, 20n);
  if (header === null || header.readUInt32BE(0) !== 0x7f454c46) return null;
  const known = {
    machine: header.readUInt16LE(18),
    is64Bit: header[4] === 2,
    kind: kinds[header.readUInt16LE(16)] ?? "other",
  };
  const incomplete = { ...known, entry: 0n, loader: null, isComplete: false, hasDebugInfo: false };
  if (header.length < 64 || header[5] !== littleEndian) return incomplete;
  const segments = table(descriptor, header.readBigUInt64LE(32), header.readUInt16LE(56), programHeaderSize);
  const sections = table(descriptor, header.readBigUInt64LE(40), header.readUInt16LE(60), sectionHeaderSize);
  if (segments === null || sections === null) return incomplete;
  return {
    ...known,
    entry: header.readBigUInt64LE(24),
    loader: loaderOf(descriptor, segments),
    isComplete: true,
    hasDebugInfo: hasDebugSection(descriptor, sections[header.readUInt16LE(62)]),
  };
}

/** The rows of a table of headers; null when it is not all there. */
function table(descriptor: number, offset: bigint, count: number, size: number): readonly Buffer[] | null {
  if (count === 0) return [];
  const bytes = readAt(descriptor, offset, BigInt(count * size));
  if (bytes === null) return null;
  return Array.from({ length: count }, (_, row) => bytes.subarray(row * size, (row + 1) * size));
}

function loaderOf(descriptor: number, segments: readonly Buffer[]): string | null {
  const row = segments.find((segment) => segment.readUInt32LE(0) === loaderSegment);
  if (row === undefined) return null;
  const size = row.readBigUInt64LE(32);
  const name = size > longestLoader ? null : readAt(descriptor, row.readBigUInt64LE(8), size);
  return name === null ? null : (name.toString("utf8").split("\0", 1)[0] ?? null);
}

/** Looks for .debug_info, its compressed form, or a link to separate debug files among the section names. */
function hasDebugSection(descriptor: number, names: Buffer | undefined): boolean {
  if (names === undefined) return false;
  const size = names.readBigUInt64LE(32);
  const text = readAt(descriptor, names.readBigUInt64LE(24), size < mostNameBytes ? size : mostNameBytes);
  return text !== null && debugSections.some((section) => text.includes(section));
}

/** Exactly so many bytes, or null when the file does not have them. */
function readAt(descriptor: number, offset: bigint, length: bigint): Buffer | null {
  if (offset > BigInt(Number.MAX_SAFE_INTEGER)) return null;
  const bytes = Buffer.alloc(Number(length));
  return readSync(descriptor, bytes, 0, bytes.length, Number(offset)) === bytes.length ? bytes : null;
}
