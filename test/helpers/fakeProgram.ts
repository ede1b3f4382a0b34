/** A FakeProgram from a small static ELF file: its segments as memory, its straight-line instructions as execution. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import type { FakeProgram, Write } from "./fakeEngine.ts";

const stackBase = 0x7ffff000n;

/** The instructions of `_start` up to its `syscall`, from objdump; `movl $imm, var(%rip)` become effects. */
export function elfProgram(path: string): FakeProgram {
  const listing = execFileSync("objdump", ["-d", "--no-show-raw-insn", path], { encoding: "utf8" });
  const pcs: bigint[] = [];
  const effects: Write[] = [];
  for (const line of listing.split("\n")) {
    const [, address, text] = /^\s+([0-9a-f]+):\s+(.*)$/.exec(line) ?? [];
    if (address === undefined || text === undefined) continue;
    const [, value, target] = /^movl\s+\$0x([0-9a-f]+),.*# ([0-9a-f]+)/.exec(text) ?? [];
    if (value !== undefined && target !== undefined)
      effects.push({
        index: pcs.length,
        address: BigInt(`0x${target}`),
        bytes: Uint8Array.of(Number.parseInt(value, 16), 0, 0, 0),
      });
    pcs.push(BigInt(`0x${address}`));
    if (text.startsWith("syscall")) break;
  }
  const stack = { address: stackBase, bytes: new Uint8Array(0x1000) };
  return { pcs, effects, memory: [...loadSegments(path), stack], stackPointer: stackBase + 0x800n };
}

function loadSegments(path: string): { address: bigint; bytes: Uint8Array }[] {
  const file = readFileSync(path);
  const view = new DataView(file.buffer, file.byteOffset, file.length);
  const headers = Number(view.getBigUint64(32, true));
  const segments: { address: bigint; bytes: Uint8Array }[] = [];
  for (let i = 0; i < view.getUint16(56, true); i++) {
    const at = headers + i * 56;
    if (view.getUint32(at, true) !== 1) continue;
    const field = (offset: number) => view.getBigUint64(at + offset, true);
    const bytes = new Uint8Array(Number(field(40)));
    bytes.set(file.subarray(Number(field(8)), Number(field(8) + field(32))));
    segments.push({ address: field(16), bytes });
  }
  return segments;
}
