/** Damaged recordings that the checksums do not give away: each is refused, or opened, replayed and closed; nothing crashes or hangs. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { NativeEngine } from "../../src/engine/nativeEngine.ts";
import { FredError } from "../../src/errors.ts";
import { Random, seed } from "../engine/random.ts";
import { program, Recording } from "../engine/recording.ts";

const mutations = 400;
/** A damaged log may well say that the program loops. */
const longestReplayMs = 500;
const magicBytes = 8;
const headBytes = 16;
const crcOffset = 12;

const table = Array.from({ length: 256 }, (_, index) => {
  let value = index;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0x82f63b78 : value >>> 1;
  return value >>> 0;
});

function crc32c(...pieces: readonly Uint8Array[]): number {
  let crc = 0xffffffff;
  for (const piece of pieces)
    for (const byte of piece) crc = (crc >>> 8) ^ (table[(crc ^ byte) & 0xff] as number);
  return (crc ^ 0xffffffff) >>> 0;
}

function chunksOf(log: Buffer): readonly { readonly head: number; readonly length: number }[] {
  const chunks: { head: number; length: number }[] = [];
  for (let at = magicBytes; at + headBytes <= log.length; ) {
    const length = Number(log.readBigUInt64LE(at + 4));
    chunks.push({ head: at, length });
    at += headBytes + length;
  }
  return chunks;
}

function mutate(log: Buffer, random: Random): Buffer {
  const bad = Buffer.from(log);
  const { head, length } = random.pick(chunksOf(log).filter((chunk) => chunk.length > 0));
  const start = head + headBytes;
  for (let flips = 1 + random.below(3); flips > 0; flips--) {
    const at = start + random.below(random.below(2) === 0 ? length : Math.min(length, 300));
    bad[at] = random.pick([0, 0xff, random.below(256), (bad[at] as number) ^ (1 << random.below(8))]);
  }
  bad.writeUInt32LE(
    crc32c(bad.subarray(head, head + crcOffset), bad.subarray(start, start + length)),
    head + crcOffset,
  );
  return bad;
}

async function openAndReplay(directory: string): Promise<"refused" | "replayed"> {
  const engine = new NativeEngine();
  const alarm = setInterval(() => engine.interrupt(), longestReplayMs);
  try {
    await engine.open({ directory, checkpointHz: 0, tracker: "auto" });
    const { past } = await engine.timeline();
    const [first, last] = [past[0], past.at(-1)];
    if (first === undefined || last === undefined) return "refused";
    await engine.restore(first.id);
    let stop = await engine.resume({ mode: "continue", limit: last.id });
    for (let signals = 0; stop.kind === "signal" && signals < 20; signals++)
      stop = await engine.resume({ mode: "continue", limit: last.id, signal: stop.signal });
    return "replayed";
  } catch (error) {
    if (!(error instanceof FredError)) throw error;
    return "refused";
  } finally {
    clearInterval(alarm);
    await engine.close();
  }
}

test.each(["signal_nested", "thread_condition"] as const)(
  `%s, ${mutations} mutations, seed ${seed}`,
  async (name) => {
    await using recording = new Recording(program(name), { checkpointHz: 100 });
    const directory = join(recording.folder, "recording");
    await recording.launch({ recordTo: directory });
    await recording.resume();
    await recording.engine.kill();
    const timeline = join(directory, "0");
    const log = readFileSync(join(timeline, "log"));
    const random = new Random(seed);
    const outcomes = { refused: 0, replayed: 0 };
    expect(await openAndReplay(timeline)).toBe("replayed");
    for (let count = 0; count < mutations; count++) {
      writeFileSync(join(timeline, "log"), mutate(log, random));
      outcomes[await openAndReplay(timeline)]++;
    }
    expect(outcomes.refused).toBeGreaterThan(0);
    expect(outcomes.replayed).toBeGreaterThan(0);
  },
);
