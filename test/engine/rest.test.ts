/** Travel in the middle of a run leaves the rest of the run as it would have been: what only the kernel knows must be right too. */
import { expect, it } from "vitest";
import type { CheckpointId } from "../../src/engine/engine.ts";
import { target, targetPath } from "../helpers/targets.ts";
import type { TargetName } from "../targets/index.ts";
import { Random, seed } from "./random.ts";
import { differencesTo, program, Recording, render } from "./recording.ts";
import { takeSnapshot } from "./snapshot.ts";
import { symbolOf } from "./symbols.ts";

const mostStops = 16;

/** Where to stop and travel: functions, many of them handlers of signals. */
const places: readonly [TargetName, string][] = [
  ["signal_segv_repair", "on_fault"],
  ["signal_segv_jump", "on_fault"],
  ["signal_stack_overflow", "on_fault"],
  ["signal_blocked_counter", "on_fault"],
  ["signal_altstack", "on_overflow"],
  ["signal_suspend", "on_alarm"],
  ["signal_queue", "on_queued"],
  ["signal_queue", "on_plain"],
  ["signal_profile", "on_profile"],
  ["signal_timer_busy", "on_tick"],
  ["signal_nested", "inner"],
  ["string_instructions", "on_tick"],
  ["string_instructions", "copy"],
  ["trap_own", "on_trap"],
  ["trap_own", "on_fault"],
  ["code_generated", "emit"],
  ["file_mapped_write", "look"],
  ["memory_two_views", "look"],
  ["file_mapped_write", "put"],
  ["signal_restart", "on_alarm"],
  ["signal_alarm_pause", "on_alarm"],
];

async function backAndForth(recording: Recording, here: CheckpointId, random: Random): Promise<void> {
  const seen = await takeSnapshot(recording.engine, recording.pid);
  const { past } = await recording.engine.timeline();
  const to = random.pick(past.filter(({ id }) => id !== here)).id;
  await recording.engine.restore(to);
  if (random.below(3) === 0) await recording.engine.reverse("step");
  const stop = await recording.resumeTo(here);
  const isHere = stop.kind === "historyEnd";
  // Other stops lie between: straight there.
  if (!isHere) await recording.engine.restore(here);
  expect(await differencesTo(seen, recording), `stop ${here} by way of ${to}`).toEqual([]);
}

it.each(places)(`%s, travelling at each stop in %s, seed ${seed}`, async (name, place) => {
  await using recording = await Recording.launch(program(name), { checkpointHz: 100 });
  const random = new Random(seed);
  const address = symbolOf(targetPath(name), place);
  await recording.engine.insertBreakpoint({ kind: "software", address, length: 1, conditions: [] });
  let stops = 0;
  let stop = await recording.engine.resume({ mode: "continue" });
  while (stop.kind === "signal" || stop.kind === "breakpoint") {
    if (stops++ < mostStops)
      await backAndForth(recording, (await recording.engine.takeCheckpoint("stop")).id, random);
    if (stops === mostStops) await recording.engine.clearBreakpoints();
    stop = await recording.engine.resume({
      mode: "continue",
      ...(stop.kind === "signal" && { signal: stop.signal }),
    });
  }
  expect(stop.kind, render(stop)).toBe("exited");
  expect(stops).toBeGreaterThan(0);
  expect(recording.output()).toBe(target(name).stdout);
});
