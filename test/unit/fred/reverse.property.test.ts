/** reverse-next, -step, -finish, -continue and undo against the truth of the complete trace, over random programs and walks. */
import { describe, expect, test } from "vitest";
import { FredError } from "../../../src/errors.ts";
import { type Entry, stayedInFrame } from "../../../src/history/entry.ts";
import { allAbilities } from "../../helpers/toyDebugger.ts";
import { type ToySession, toyFor } from "../../helpers/toySession.ts";

const walkCommands = [
  "next",
  "next",
  "step",
  "step",
  "finish",
  "continue",
  "next 3",
  "step 2",
  "stepi",
  "stepi 4",
];

/** Fred's command, or the kind of its error. */
async function attempt(toy: ToySession, command: string): Promise<string | null> {
  try {
    await toy.fred(command);
    return null;
  } catch (error) {
    if (error instanceof FredError) return error.kind;
    throw error;
  }
}

function lastEntry(toy: ToySession): Entry | null {
  const { current } = toy.session.record?.history ?? {};
  return (
    current?.entries.findLast((entry) => entry.after === current.here && entry.before !== entry.after) ?? null
  );
}

function hasSource(toy: ToySession, index: number): boolean {
  const state = toy.machine.line.states[index];
  return state !== undefined && !state.isEnded && toy.machine.program.code[state.pc]?.line !== null;
}

/** Where `command` must lead from the present state; null: refused. */
function expected(toy: ToySession, command: string): number | null {
  const truth = toy.truth();
  const { index } = toy;
  const last = lastEntry(toy);
  const before = last === null ? -1 : toy.machine.indexOf(last.before as never);
  switch (command) {
    case "fred-reverse-next": {
      const isTakenBack =
        last?.command === "next" && last.count === 1 && stayedInFrame(last) && hasSource(toy, before);
      return isTakenBack ? before : truth.reverseNext(index);
    }
    case "fred-reverse-step": {
      const isTakenBack = last?.command === "step" && last.count === 1 && hasSource(toy, before);
      return isTakenBack ? before : truth.reverseStep(index);
    }
    case "fred-reverse-finish":
      return truth.call(index);
    case "fred-reverse-continue":
      return truth.reverseContinue(index, toy.debugger.breakpoints);
    default:
      throw new Error(command);
  }
}

const reverseCommands = [
  "fred-reverse-next",
  "fred-reverse-step",
  "fred-reverse-finish",
  "fred-reverse-continue",
];

async function walk(seed: number, abilities: typeof allAbilities, hasLibrary = true): Promise<void> {
  const { toy, random } = toyFor(seed, { abilities, hasLibrary });
  await toy.begin();
  if (random(2) === 0) for (let index = 2; index <= 4; index++) if (random(3) === 0) toy.breakAt(index);
  for (let turn = 0; turn < 14; turn++) {
    for (let count = random(4); count > 0 && !toy.machine.state.isEnded; count--) {
      const command = walkCommands[random(walkCommands.length)] as string;
      if (command !== "finish" || toy.machine.state.frames.length > 1) await toy.type(command);
    }
    const command = reverseCommands[random(reverseCommands.length)] as string;
    const from = toy.index;
    const want = expected(toy, command);
    const trace = `seed ${seed}, turn ${turn}: ${command} from ${from}, history ${toy.history}`;
    const breakpoints = new Set(toy.debugger.breakpoints);
    const refusal = await attempt(toy, command);
    expect(toy.debugger.breakpoints, trace).toEqual(breakpoints);
    if (want === null) {
      expect(refusal, trace).toMatch(/noEarlierStatement|outermostFrame/);
      expect(toy.index, trace).toBe(from);
    } else {
      expect(refusal, trace).toBeNull();
      expect(toy.index, trace).toBe(want);
    }
    expect(toy.machine.indexOf(toy.session.record?.history.current.here as never), trace).toBe(toy.index);
  }
}

const seedCount = Number(process.env.FRED_TOY_SEEDS ?? 300);

describe("over random programs and walks, the reverse commands find what the complete trace says", () => {
  test("with a debugger that has every ability", async () => {
    for (let seed = 1; seed <= seedCount; seed++) await walk(seed, allAbilities);
  });

  test("with a debugger that only has addresses of statements", async () => {
    for (let seed = 1; seed <= seedCount; seed++) await walk(seed, { ...allAbilities, lineTable: false });
  });

  // Where a library calls back, only the list of callers tells who called the library.
  test("with a debugger that cannot list callers, without callbacks", async () => {
    for (let seed = 1; seed <= seedCount; seed++)
      await walk(seed, { ...allAbilities, callers: false }, false);
  });

  // A breakpoint inside a callback of a library cuts the step over the library short: such debuggers must switch them off.
  test("with a debugger that cannot switch breakpoints off, without callbacks", async () => {
    for (let seed = 1; seed <= seedCount; seed++) {
      await walk(seed, { ...allAbilities, suspendBreakpoints: false }, false);
    }
  });
});
