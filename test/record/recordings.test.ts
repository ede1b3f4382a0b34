/** Every program of test/targets recorded to disk, read again, replayed twice against every state, and travelled in. */
import { rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { CheckpointId, Stop } from "../../src/engine/engine.ts";
import { NativeEngine } from "../../src/engine/nativeEngine.ts";
import { Random, seed } from "../engine/random.ts";
import { program, Recording, recordable, render } from "../engine/recording.ts";
import { differences, takeSnapshot } from "../engine/snapshot.ts";

const checkpointHz = 100;
const randomPositions = 3;
/** Pages behind the end of a mapped file that the program has made shorter show its old contents in a recording from disk. */
const shortened: readonly string[] = ["file_mapped_write"];

async function runTo(engine: NativeEngine, limit: CheckpointId): Promise<Stop> {
  let stop = await engine.resume({ mode: "continue", limit });
  while (stop.kind === "signal") stop = await engine.resume({ mode: "continue", limit, signal: stop.signal });
  return stop;
}

async function open(directory: string): Promise<NativeEngine> {
  const engine = new NativeEngine();
  await engine.open({ directory, checkpointHz: 0, tracker: "auto" });
  return engine;
}

/** Arriving in a state means that all registers and all memory are equal. */
async function verify(directory: string): Promise<void> {
  const engine = await open(directory);
  try {
    const [start, ...others] = (await engine.timeline()).past;
    await engine.restore((start as { id: CheckpointId }).id);
    for (const { id, event } of others) {
      const stop = await runTo(engine, id);
      expect(stop.kind, `state ${id} at event ${event}: ${render(stop)}`).toBe("historyEnd");
    }
  } finally {
    await engine.close();
  }
}

/** A state that was gone to is the state that a replay from another one arrives in. */
async function wander(directory: string, random: Random): Promise<void> {
  const engine = await open(directory);
  try {
    const states = (await engine.timeline()).past;
    const pid = engine.hostPid() as number;
    for (let round = 0; round < randomPositions; round++) {
      const to = 1 + random.below(states.length - 1);
      const target = states[to] as { id: CheckpointId };
      const origin = states[random.below(to)] as { id: CheckpointId };
      await engine.restore(target.id);
      const restored = await takeSnapshot(engine, pid);
      await engine.restore(origin.id);
      const stop = await runTo(engine, target.id);
      expect(stop.kind, `from ${origin.id} to ${target.id}: ${render(stop)}`).toBe("historyEnd");
      expect(differences(restored, await takeSnapshot(engine, pid)), `state ${target.id}`).toEqual([]);
    }
  } finally {
    await engine.close();
  }
}

test.each(recordable)("%s", async (name) => {
  await using recording = new Recording(program(name), { checkpointHz });
  const directory = join(recording.folder, "recording");
  await recording.launch({ recordTo: directory });
  const end = await recording.resume();
  expect(["exited", "killed"], render(end)).toContain(end.kind);
  expect(await recording.engine.recordingStatus()).toMatchObject({ failure: null });
  await recording.engine.kill();
  const timeline = join(directory, "0");
  await verify(timeline);
  await verify(timeline);
  if (!shortened.includes(name)) await wander(timeline, new Random(seed));
  rmSync(directory, { recursive: true });
});
