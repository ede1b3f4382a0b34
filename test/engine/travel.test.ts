import { describe, it } from "vitest";
import type { TargetName } from "../targets/index.ts";
import { Random, seed } from "./random.ts";
import { program, Recording, recordable, type Settings } from "./recording.ts";
import { Traveller } from "./travel.ts";

const rounds = 4;

/** They spin in loops that change nothing: one state many times. A step back from inside is not always found (README, Limits). */
const spinning: readonly TargetName[] = ["thread_spin", "thread_signal", "thread_cancel"];
const travelled = recordable.filter((name) => !spinning.includes(name));

const settings: readonly Settings[] = [
  { checkpointHz: 10, tracker: "auto" },
  { checkpointHz: 200, tracker: "compare" },
];

describe.each(settings)(
  `random travel, seed ${seed}, $checkpointHz checkpoints a second, tracker $tracker`,
  (how) => {
    it.each(travelled)(
      "%s: every state looks the same on every visit, and forward arrives at every later one",
      async (name) => {
        await using recording = await Recording.launch(program(name), how);
        const { start, head } = await recording.record();
        const traveller = new Traveller(recording);
        await traveller.check(head.id, "when recorded");
        await recording.engine.densify({ from: start.id, to: head.id, count: 8 });
        await traveller.wander(head.id, new Random(seed), rounds);
      },
    );
  },
);
