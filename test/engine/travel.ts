/** Travel checked against what was seen before: every checkpoint must look the same on every visit. */
import { expect } from "vitest";
import type { CheckpointId, CheckpointInfo } from "../../src/engine/engine.ts";
import type { Random } from "./random.ts";
import { type Recording, render } from "./recording.ts";
import { differences, type Snapshot, takeSnapshot } from "./snapshot.ts";

export class Traveller {
  readonly #seen = new Map<CheckpointId, Snapshot>();
  readonly #recording: Recording;

  constructor(recording: Recording) {
    this.#recording = recording;
  }

  /** Remembers the present state as that of `id`, or compares it with what was remembered. */
  async check(id: CheckpointId, how: string): Promise<void> {
    const now = await takeSnapshot(this.#recording.engine, this.#recording.pid);
    const before = this.#seen.get(id);
    if (before === undefined) this.#seen.set(id, now);
    else expect(differences(before, now), `state ${id} ${how}`).toEqual([]);
  }

  async restore(id: CheckpointId): Promise<void> {
    await this.#recording.engine.restore(id);
    await this.check(id, "after restore");
  }

  async runTo(from: CheckpointId, to: CheckpointId): Promise<void> {
    const stop = await this.#recording.resumeTo(to);
    expect(stop.kind, `from ${from} to ${to}: ${render(stop)}`).toBe("historyEnd");
    await this.check(to, `after running from ${from}`);
  }

  /** Back by one instruction, and forward again. */
  async stepBackAndForth(id: CheckpointId): Promise<void> {
    const engine = this.#recording.engine;
    await this.restore(id);
    const back = await engine.reverse("step");
    if (back.kind === "historyBegin") return;
    expect(back.kind, `one step back from ${id}: ${render(back)}`).toBe("step");
    const { here } = await engine.timeline();
    if (here !== null) await this.check(here, `one step before ${id}`);
    const forth = await this.#recording.resume({ mode: "step", limit: id });
    expect(forth.kind, `one step forth to ${id} from ${render(back)}: ${render(forth)}`).toBe("historyEnd");
    await this.check(id, "one step back and forth");
  }

  /** All checkpoints up to `head`, in order. */
  async past(head: CheckpointId): Promise<readonly CheckpointInfo[]> {
    await this.#recording.engine.restore(head);
    return (await this.#recording.engine.timeline()).past;
  }

  async wander(head: CheckpointId, random: Random, rounds: number): Promise<void> {
    for (let round = 0; round < rounds; round++) {
      const past = await this.past(head);
      const from = random.below(past.length - 1);
      const origin = past[from] as CheckpointInfo;
      await this.restore(origin.id);
      const to = past[from + 1 + random.below(past.length - from - 1)] as CheckpointInfo;
      await this.runTo(origin.id, to.id);
      if (random.below(2) === 0) await this.stepBackAndForth(random.pick(past).id);
    }
  }
}
