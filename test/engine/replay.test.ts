import { describe, expect, it } from "vitest";
import { targetRow } from "../targets/index.ts";
import { nativeOutput, realPrograms } from "./realPrograms.ts";
import { differencesTo, type Program, program, Recording, recordable, type Settings } from "./recording.ts";
import { takeSnapshot } from "./snapshot.ts";

/** Records to the end, and twice from the first state to the last one; arriving means that all registers and all memory are equal. */
async function replaysToItsEnd(what: Program, settings: Settings, stdout?: string): Promise<void> {
  await using recording = await Recording.launch(what, settings);
  const { engine, pid } = recording;
  const first = await takeSnapshot(engine, pid);
  const { start, head, end } = await recording.record();
  expect(["exited", "killed"]).toContain(end.kind);
  if (stdout !== undefined) expect(recording.output()).toBe(stdout);
  const last = await takeSnapshot(engine, pid);
  for (const pass of ["first", "second"]) {
    await engine.restore(start.id);
    expect(await differencesTo(first, recording), `start, ${pass} time`).toEqual([]);
    expect(await recording.resumeTo(head.id), `${pass} time`).toMatchObject({
      kind: "historyEnd",
      isAtHead: true,
      event: end.event,
    });
    expect(await differencesTo(last, recording), `end, ${pass} time`).toEqual([]);
  }
  if (stdout !== undefined) expect(recording.output(), "replay writes nothing").toBe(stdout);
}

const settings: readonly Settings[] = [
  { checkpointHz: 0, tracker: "auto" },
  { checkpointHz: 1000, tracker: "pagemap-scan" },
  { checkpointHz: 200, tracker: "compare" },
];

describe.each(settings)(
  "replay from the first state arrives in the last one, $checkpointHz checkpoints a second, tracker $tracker",
  (how) => {
    it.each(recordable)("%s", (name) => replaysToItsEnd(program(name), how, targetRow(name).stdout));
  },
);

describe("replay of programs of the distribution arrives in their last state", () => {
  for (const { name, isInstalled, what } of realPrograms)
    it.skipIf(!isInstalled)(isInstalled ? name : `${name} (skipped: not installed)`, () =>
      replaysToItsEnd(what(), { checkpointHz: 50 }, nativeOutput(what())),
    );
});
