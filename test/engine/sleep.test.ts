/** ^C in the middle of a sleep leaves no trace: the kernel writes what is left of it, and that is ours to take back. */
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { targetPath } from "../helpers/targets.ts";
import { differencesTo, program, Recording } from "./recording.ts";
import { takeSnapshot } from "./snapshot.ts";
import { symbolOf } from "./symbols.ts";

it("a state inside a sleep is found again from the start", async () => {
  await using recording = await Recording.launch(program("sleep_left"), { checkpointHz: 0 });
  const { engine, pid } = recording;
  const start = await engine.takeCheckpoint("start");
  const handler = symbolOf(targetPath("sleep_left"), "on_alarm");
  await engine.insertBreakpoint({ kind: "software", address: handler, length: 1, conditions: [] });
  const signal = await engine.resume({ mode: "continue" });
  expect(signal).toMatchObject({ kind: "signal" });
  expect((await engine.resume({ mode: "continue", signal: 14 })).kind).toBe("breakpoint");
  await engine.clearBreakpoints();
  const sleeping = engine.resume({ mode: "continue" });
  await expect.poll(() => readFileSync(`/proc/${pid}/wchan`, "utf8")).toContain("nanosleep");
  engine.interrupt();
  expect((await sleeping).kind).toBe("interrupted");
  const asleep = await engine.takeCheckpoint("stop");
  const seen = await takeSnapshot(engine, pid);
  await engine.restore(start.id);
  expect((await recording.resumeTo(asleep.id)).kind).toBe("historyEnd");
  // Before a system call rcx and r11 mean nothing, and rax names the call or its continuation.
  const differences = await differencesTo(seen, recording);
  expect(differences.filter((line) => !/^(rax|rcx|r11|thread)/.test(line))).toEqual([]);
  expect((await engine.resume({ mode: "continue" })).kind).toBe("exited");
  expect(recording.output()).toBe("1, left 1, 77, alarms 1\n");
});
