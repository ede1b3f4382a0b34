import { afterEach, describe, expect, it } from "vitest";
import type { BreakpointSpec, CheckpointId, Stop } from "../../src/engine/engine.ts";
import { targetPath, type Variant } from "../helpers/targets.ts";
import type { TargetName } from "../targets/index.ts";
import { program, Recording, render } from "./recording.ts";
import { registersHash } from "./snapshot.ts";
import { symbolOf } from "./symbols.ts";

interface Hit {
  readonly pc: bigint;
  readonly event: number;
  readonly sp: bigint;
  readonly state: string;
}

const spOffset = 19 * 8;

let open: Recording | null = null;
afterEach(async () => {
  await open?.[Symbol.asyncDispose]();
  open = null;
});

async function launch(name: TargetName, variant: Variant = ""): Promise<Recording> {
  open = await Recording.launch(program(name, variant), { checkpointHz: 100 });
  return open;
}

function breakpoint(address: bigint): BreakpointSpec {
  return { kind: "software", address, length: 1, conditions: [] };
}

async function hitHere(recording: Recording, stop: Stop): Promise<Hit> {
  const { general } = await recording.engine.readRegisters();
  return {
    pc: stop.pc,
    event: stop.event,
    sp: Buffer.from(general).readBigUInt64LE(spOffset),
    state: await registersHash(recording.engine),
  };
}

/** All hits of what is set between the two states, oldest first. */
async function hitsForward(
  recording: Recording,
  from: CheckpointId,
  to: CheckpointId,
  most: number,
): Promise<Hit[]> {
  await recording.engine.restore(from);
  const hits: Hit[] = [];
  while (hits.length < most) {
    const stop = await recording.resumeTo(to);
    if (stop.kind === "historyEnd") break;
    expect(["breakpoint", "watchpoint"], render(stop)).toContain(stop.kind);
    hits.push(await hitHere(recording, stop));
  }
  return hits;
}

const functions: readonly [TargetName, Variant, string, number][] = [
  ["recursion_hanoi", "", "move_disk", 40],
  ["recursion_hanoi", "", "main", 40],
  ["list_sort", "", "main", 40],
  ["crash_abort", "", "main", 40],
  ["signal_raise", "", "main", 40],
  ["signal_timer_busy", "", "on_tick", 40],
  ["signal_nested", "", "main", 40],
  ["file_stdio", "", "main", 40],
  ["cpp_exceptions", "", "main", 40],
  ["list_sort", ".O2", "main", 40],
  ["list_sort", ".static", "main", 40],
  ["list_sort", ".nopie", "main", 40],
];

describe("reverse-continue", () => {
  it.each(functions)(
    "%s%s: the hits of %s backwards are those of the way forward",
    async (name, variant, place, most) => {
      const recording = await launch(name, variant);
      const { engine } = recording;
      const { start, head } = await recording.record();
      await engine.insertBreakpoint(breakpoint(symbolOf(targetPath(name, variant), place)));
      const hits = await hitsForward(recording, start.id, head.id, 10_000);
      expect(hits.length).toBeGreaterThan(0);
      await engine.restore(head.id);
      for (const hit of hits.slice(-most).reverse()) {
        const stop = await engine.reverse("continue");
        expect(stop.kind, render(stop)).toBe("breakpoint");
        expect(await hitHere(recording, stop)).toEqual(hit);
      }
      if (hits.length <= most)
        expect(await engine.reverse("continue")).toMatchObject({ kind: "historyBegin", event: 0 });
    },
  );

  it("in a function called 300,000 times finds the last calls, and forward from there the same ones", async () => {
    const recording = await launch("hot_loop");
    const { engine } = recording;
    const { head } = await recording.record();
    await engine.insertBreakpoint(breakpoint(symbolOf(targetPath("hot_loop"), "add")));
    const backwards: Hit[] = [];
    for (let i = 0; i < 4; i++) {
      const stop = await engine.reverse("continue");
      expect(stop.kind, render(stop)).toBe("breakpoint");
      backwards.unshift(await hitHere(recording, stop));
    }
    const rdiOffset = 14 * 8;
    expect(Buffer.from((await engine.readRegisters()).general).readUInt32LE(rdiOffset)).toBe(299_996);
    const here = (await engine.timeline()).here as CheckpointId;
    expect(await hitsForward(recording, here, head.id, 10)).toEqual(backwards.slice(1));
  });
});

describe("rewind", () => {
  it("goes to the last call with that stack pointer, other breakpoints ignored", async () => {
    const recording = await launch("recursion_hanoi");
    const { engine } = recording;
    const { start, head } = await recording.record();
    const address = symbolOf(targetPath("recursion_hanoi"), "move_disk");
    await engine.insertBreakpoint(breakpoint(address));
    const hits = await hitsForward(recording, start.id, head.id, 10_000);
    for (const sp of new Set(hits.map((hit) => hit.sp))) {
      await engine.restore(head.id);
      const wanted = hits.filter((hit) => hit.sp === sp).reverse();
      for (const hit of wanted.slice(0, 3)) {
        const stop = await engine.rewind({ addresses: [address], spMin: sp, spMax: sp });
        expect(stop.kind, render(stop)).not.toBe("historyBegin");
        expect(await hitHere(recording, stop)).toEqual(hit);
      }
    }
  });

  it("stays where it is when there is no such place", async () => {
    const recording = await launch("recursion_hanoi");
    const { engine } = recording;
    const { head } = await recording.record();
    const address = symbolOf(targetPath("recursion_hanoi"), "move_disk");
    const before = await registersHash(engine);
    expect(await engine.rewind({ addresses: [address], spMin: 1n, spMax: 2n })).toMatchObject({
      kind: "historyBegin",
      isAtHead: true,
    });
    expect(await registersHash(engine)).toBe(before);
    expect((await engine.timeline()).here).toBe(head.id);
  });
});

const watched: readonly [TargetName, string, number][] = [
  ["hot_loop", "peak_index", 4],
  ["recursion_hanoi", "moves", 4],
  ["jump_set", "attempts", 4],
  ["signal_timer_busy", "ticks", 4],
  ["list_sort", "list", 8],
];

describe("a write watchpoint", () => {
  it.each(watched)(
    "%s: %s backwards stops before each write that the way forward stopped behind",
    async (name, variable, length) => {
      const recording = await launch(name);
      const { engine } = recording;
      const { start, head } = await recording.record();
      const spec: BreakpointSpec = {
        kind: "write",
        address: symbolOf(targetPath(name), variable),
        length,
        conditions: [],
      };
      await engine.insertBreakpoint(spec);
      const hits = await hitsForward(recording, start.id, head.id, 10_000);
      expect(hits.length).toBeGreaterThan(0);
      await engine.restore(head.id);
      for (const hit of hits.slice(-12).reverse()) {
        const stop = await engine.reverse("continue");
        expect(stop.kind, render(stop)).toBe("watchpoint");
        const before = (await engine.timeline()).here as CheckpointId;
        await engine.removeBreakpoint(spec);
        const behind = await engine.resume({ mode: "step", limit: head.id });
        expect(await hitHere(recording, behind)).toEqual(hit);
        await engine.insertBreakpoint(spec);
        await engine.restore(before);
      }
    },
  );
});
