/**
 * Random travel over a program of four threads for as long as FRED_SOAK_MINUTES says (half a minute by default): every state that
 * is gone to looks as it did before, branches end as the recorded run did, and nothing is left behind.
 */
import { readdirSync } from "node:fs";
import { expect, test } from "vitest";
import { Random, seed } from "../engine/random.ts";
import { program, Recording, render } from "../engine/recording.ts";
import { Traveller } from "../engine/travel.ts";
import { targetRow } from "../targets/index.ts";

const minutes = Number(process.env.FRED_SOAK_MINUTES ?? 0.5);
const name = "thread_workers";
const movesPerSession = 20;
/** Sessions until memory has come to what it needs. */
const warmUp = 3;
const mostGrowth = 1.5;

async function session(random: Random): Promise<number> {
  await using recording = await Recording.launch(program(name), { checkpointHz: 20 });
  const { engine } = recording;
  const { head, end } = await recording.record();
  expect(recording.output()).toBe(targetRow(name).stdout);
  const traveller = new Traveller(recording);
  for (let move = 0; move < movesPerSession; move++) {
    const past = await traveller.past(head.id);
    const target = random.pick(past);
    const kind = random.below(4);
    if (kind === 0) await traveller.restore(target.id);
    else if (kind === 1) await traveller.stepBackAndForth(target.id);
    else if (kind === 2) await traveller.wander(head.id, random, 1);
    else {
      await engine.restore(target.id);
      await engine.startBranch();
      const stop = await recording.resume();
      expect(stop.kind, `branch from event ${target.event}: ${render(stop)}`).toBe(end.kind);
    }
  }
  return movesPerSession;
}

function openFiles(): number {
  return readdirSync("/proc/self/fd").length;
}

function children(): number {
  return readdirSync("/proc/self/task").length;
}

test(
  `${minutes} minutes of random travel, seed ${seed}`,
  async () => {
    const random = new Random(seed);
    const end = performance.now() + minutes * 60_000;
    let moves = 0;
    let base: { files: number; tasks: number; bytes: number } | null = null;
    for (let count = 1; performance.now() < end || base === null; count++) {
      moves += await session(random);
      if (count === warmUp)
        base = { files: openFiles(), tasks: children(), bytes: process.memoryUsage().rss };
    }
    console.log(`${moves} moves, seed ${seed}`);
    expect(openFiles()).toBeLessThanOrEqual(base.files + 2);
    expect(children()).toBeLessThanOrEqual(base.tasks + 1);
    expect(process.memoryUsage().rss).toBeLessThan(base.bytes * mostGrowth);
  },
  (minutes + 3) * 60_000,
);
