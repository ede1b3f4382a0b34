/** Checkpoints between two states that are near each other: always some, in order, and more than a few. */
import { expect, it } from "vitest";
import { targetPath } from "../helpers/targets.ts";
import { program, Recording } from "./recording.ts";
import { symbolOf } from "./symbols.ts";

const wanted = 16;

it("a loop of some 100,000 instructions is cut into pieces", async () => {
  await using recording = await Recording.launch(program("loop_short"), { checkpointHz: 0 });
  const { engine } = recording;
  const path = targetPath("loop_short");
  const stopAt = async (name: string) => {
    const address = symbolOf(path, name);
    await engine.insertBreakpoint({ kind: "software", address, length: 1, conditions: [] });
    expect((await engine.resume({ mode: "continue" })).kind).toBe("breakpoint");
    return (await engine.takeCheckpoint("stop")).id;
  };
  const from = await stopAt("work");
  const to = await stopAt("done");
  const made = await engine.densify({ from, to, count: wanted });
  expect(made.length).toBeGreaterThanOrEqual(wanted / 2);
  const counts: bigint[] = [];
  for (const { id } of made) {
    await engine.restore(id);
    counts.push(Buffer.from(engine.readMemory(symbolOf(path, "counter"), 8)).readBigInt64LE());
  }
  expect(counts).toEqual(counts.toSorted((a, b) => Number(a - b)));
  expect(new Set(counts).size).toBe(counts.length);
});
