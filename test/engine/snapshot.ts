/** The whole state of a stopped debuggee as values that can be compared: registers, xstate, regions, and every page. */
import { createHash } from "node:crypto";
import { closeSync, openSync, readFileSync, readSync } from "node:fs";
import type { Engine, Registers } from "../../src/engine/engine.ts";
import { engineErrorCode } from "../../src/engine/engineErrors.ts";
import { loadAddon } from "../../src/engine/nativeAddon.ts";

const pageSize = 4096;
const pageBytes = BigInt(pageSize);
const origRaxOffset = 15 * 8;
const flagsOffset = 18 * 8;
const ripOffset = 16 * 8;
/** r11, rax, rcx. */
const overwrittenByCall = [6 * 8, 10 * 8, 11 * 8];
/** TF and RF are the tracer's. */
const tracerFlags = 0x100n | 0x10000n;
const presentOrSwapped = 3n << 62n;
const injectionPage = "200000000000";
const kernelRegions = ["[vdso]", "[vvar]", "[vvar_vclock]", "[vsyscall]"];

export const registerNames = [
  "r15",
  "r14",
  "r13",
  "r12",
  "rbp",
  "rbx",
  "r11",
  "r10",
  "r9",
  "r8",
  "rax",
  "rcx",
  "rdx",
  "rsi",
  "rdi",
  "orig_rax",
  "rip",
  "cs",
  "eflags",
  "rsp",
  "ss",
  "fs_base",
  "gs_base",
  "ds",
  "es",
  "fs",
  "gs",
] as const; // prettier-ignore

export interface Snapshot {
  readonly general: Buffer;
  readonly xstate: string;
  /** Thread number to a hash of its registers. */
  readonly threads: ReadonlyMap<number, string>;
  /** Lines "start-end protection name"; the stack without its start, which only grows. */
  readonly regions: readonly string[];
  /** Address to a hash of the contents; pages of zeros are left out. */
  readonly pages: ReadonlyMap<bigint, string>;
}

/** Precondition: stopped, nothing running. */
export async function takeSnapshot(engine: Engine, pid: number): Promise<Snapshot> {
  const { general, xstate } = await engine.readRegisters();
  const isAtCall = isBeforeCall(engine, general);
  const regions = readRegions(pid);
  const threads = new Map<number, string>();
  for (const tid of await engine.threads()) threads.set(tid, hashOf(engine, await engine.readRegisters(tid)));
  return {
    general: normaliseGeneral(general, isAtCall),
    xstate: digest(normaliseXstate(xstate)),
    threads,
    regions: regions.map((region) => {
      const start = region.name === "[stack]" ? "" : region.start.toString(16);
      return `${start}-${region.end.toString(16)} ${region.protection} ${region.name}`;
    }),
    pages: readPages(engine, pid, regions),
  };
}

/** Empty when equal; else one line for each difference, at most a dozen. */
export function differences(a: Snapshot, b: Snapshot): string[] {
  const found: string[] = [];
  registerNames.forEach((name, i) => {
    const left = a.general.readBigUInt64LE(i * 8);
    const right = b.general.readBigUInt64LE(i * 8);
    if (left !== right) found.push(`${name}: ${left.toString(16)} != ${right.toString(16)}`);
  });
  if (a.xstate !== b.xstate) found.push("xstate differs");
  for (const tid of new Set([...a.threads.keys(), ...b.threads.keys()]))
    if (a.threads.get(tid) !== b.threads.get(tid)) found.push(`thread ${tid} differs`);
  for (const line of a.regions) if (!b.regions.includes(line)) found.push(`only in the first: ${line}`);
  for (const line of b.regions) if (!a.regions.includes(line)) found.push(`only in the second: ${line}`);
  for (const [address, hash] of a.pages)
    if (b.pages.get(address) !== hash) found.push(`page ${address.toString(16)} differs`);
  for (const address of b.pages.keys())
    if (!a.pages.has(address)) found.push(`page ${address.toString(16)} only in the second`);
  return found.slice(0, 12);
}

/** A short name of the registers alone: tells positions apart that are not at the same place in a loop. */
export async function registersHash(engine: Engine): Promise<string> {
  return hashOf(engine, await engine.readRegisters());
}

function hashOf(engine: Engine, { general, xstate }: Registers): string {
  return digest(
    Buffer.concat([normaliseGeneral(general, isBeforeCall(engine, general)), normaliseXstate(xstate)]),
  );
}

function isBeforeCall(engine: Engine, general: Uint8Array): boolean {
  try {
    const code = engine.readMemory(Buffer.from(general).readBigUInt64LE(ripOffset), 2);
    return code[0] === 0x0f && code[1] === 0x05;
  } catch {
    return false;
  }
}

interface Region {
  readonly start: bigint;
  end: bigint;
  readonly protection: string;
  readonly name: string;
  readonly isFile: boolean;
}

function readRegions(pid: number): Region[] {
  const regions: Region[] = [];
  for (const line of readFileSync(`/proc/${pid}/maps`, "utf8").split("\n")) {
    const match = /^([0-9a-f]+)-([0-9a-f]+) (\S+) (\S+) \S+ (\d+) *(.*)$/.exec(line);
    if (match === null || match[1] === injectionPage || kernelRegions.includes(match[6] ?? "")) continue;
    const region: Region = {
      start: BigInt(`0x${match[1]}`),
      end: BigInt(`0x${match[2]}`),
      protection: match[3] ?? "",
      name: match[6] ?? "",
      isFile: match[5] !== "0",
    };
    const last = regions.at(-1);
    // Dirty tracking splits regions that the program made as one.
    if (last?.end === region.start && last.protection === region.protection && last.name === region.name)
      last.end = region.end;
    else regions.push(region);
  }
  return regions;
}

function readPages(engine: Engine, pid: number, regions: readonly Region[]): Map<bigint, string> {
  const pages = new Map<bigint, string>();
  const pagemap = openSync(`/proc/${pid}/pagemap`, "r");
  try {
    for (const region of regions) {
      // The text of a file cannot be written; what the debugger put there would be a private copy, and those are compared below.
      if (!region.protection.startsWith("r") || (region.isFile && region.protection.startsWith("r-x")))
        continue;
      for (const [start, end] of populatedRanges(pagemap, region)) {
        const bytes = readRange(engine, start, Number(end - start), region);
        for (let at = 0; at < bytes.length; at += pageSize)
          addPage(pages, start + BigInt(at), bytes.subarray(at, at + pageSize));
      }
    }
  } finally {
    closeSync(pagemap);
  }
  return pages;
}

/** Of a mapping that reaches beyond its file's end (the loader makes such for a moment) nothing can be read there. */
function readRange(engine: Engine, start: bigint, length: number, region: Region): Uint8Array {
  try {
    return engine.readMemory(start, length);
  } catch (cause) {
    if (region.isFile && engineErrorCode(cause) === "EFAULT") return new Uint8Array();
    throw new Error(
      `cannot read ${length} bytes at ${start.toString(16)} of ${region.protection} ${region.name}`,
      { cause },
    );
  }
}

function addPage(pages: Map<bigint, string>, address: bigint, bytes: Uint8Array): void {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (!view.equals(zeroPage.subarray(0, view.length))) pages.set(address, digest(view));
}

/** Anonymous memory that was never touched is zeros and may be huge; of files everything counts. */
function* populatedRanges(pagemap: number, region: Region): Generator<[bigint, bigint]> {
  if (region.isFile) {
    yield [region.start, region.end];
    return;
  }
  const count = Number((region.end - region.start) / pageBytes);
  const chunk = 1 << 16;
  for (let first = 0; first < count; first += chunk) {
    const size = Math.min(chunk, count - first);
    const entries = Buffer.alloc(size * 8);
    readSync(pagemap, entries, 0, entries.length, Number(region.start / pageBytes) * 8 + first * 8);
    const words = new BigUint64Array(entries.buffer, entries.byteOffset, size);
    let from = -1;
    for (let i = 0; i <= size; i++) {
      const isPopulated = i < size && ((words[i] ?? 0n) & presentOrSwapped) !== 0n;
      if (isPopulated && from < 0) from = i;
      if (isPopulated || from < 0) continue;
      yield [region.start + BigInt(first + from) * pageBytes, region.start + BigInt(first + i) * pageBytes];
      from = -1;
    }
  }
}

const zeroPage = Buffer.alloc(pageSize);

function digest(bytes: Uint8Array): string {
  return createHash("sha1").update(bytes).digest("base64");
}

/**
 * A call that the clock has interrupted stands before its instruction as if it had not been made: rcx and r11, which the instruction
 * overwrites, and its number (restart_syscall) tell the difference, and mean nothing.
 */
function normaliseGeneral(general: Uint8Array, isAtCall: boolean): Buffer {
  const copy = Buffer.from(general);
  if (isAtCall) for (const offset of overwrittenByCall) copy.writeBigUInt64LE(0n, offset);
  copy.writeBigUInt64LE(0n, origRaxOffset);
  copy.writeBigUInt64LE(copy.readBigUInt64LE(flagsOffset) & ~tracerFlags, flagsOffset);
  return copy;
}

/** Contents only: a component in its initial state equals its explicit initial value. */
function normaliseXstate(xstate: Uint8Array): Buffer {
  const area = Buffer.from(xstate);
  const used = area.length >= 520 ? area.readBigUInt64LE(512) : 3n;
  const parts: Buffer[] = [];
  if (used & 1n) parts.push(Buffer.from("x87"), area.subarray(0, 24), area.subarray(32, 160));
  parts.push(used & 2n ? area.subarray(160, 416) : Buffer.alloc(256));
  for (const { index, offset, size } of loadAddon().xsaveLayout().components) {
    if (index < 2 || index > 9 || offset + size > area.length) continue;
    parts.push((used >> BigInt(index)) & 1n ? area.subarray(offset, offset + size) : Buffer.alloc(size));
  }
  return Buffer.concat(parts);
}
