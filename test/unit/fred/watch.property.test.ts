/** fred-reverse-watch against the complete trace, over random programs: what it names is a transition, and one step shows it. */
import { describe, expect, test } from "vitest";
import { FredError } from "../../../src/errors.ts";
import type { FrameScope } from "../../../src/fred/debugger.ts";
import { allAbilities, evaluateIn, ToyDebugger, top } from "../../helpers/toyDebugger.ts";
import { ToyMachine, type ToyState } from "../../helpers/toyMachine.ts";
import { type ToySession, toyFor } from "../../helpers/toySession.ts";

const seedCount = Number(process.env.FRED_TOY_SEEDS ?? 300);

function valueAt(toy: ToySession, state: ToyState, expression: string, scope: FrameScope | null): string {
  const value = evaluateIn(toy.machine.program, state, expression, scope);
  return value.kind === "value" ? value.text : "unknown";
}

/** Index after one whole `step` from the session's position, never past `limit`. */
async function afterStep(toy: ToySession, limit: number): Promise<number> {
  const machine = new ToyMachine(toy.machine.program, () => 0, { finest: 1, automaticEvery: 0 });
  machine.line = toy.machine.line;
  machine.index = toy.index;
  const stepper = new ToyDebugger(machine);
  const isSourceless = () => machine.program.code[machine.state.pc]?.line === null && !machine.state.isEnded;
  await stepper.move("step", {});
  while (isSourceless() && machine.state.frames.length > 1) {
    await stepper.move("finish", {});
    if (!isSourceless()) await stepper.move("step", {});
  }
  return Math.min(machine.index, limit);
}

async function search(seed: number, abilities = allAbilities): Promise<"found" | "none"> {
  const finest = [2, 10, 40, 1000][seed % 4] as number;
  const { toy, random } = toyFor(seed, {
    abilities,
    finest,
    automaticEvery: [0, 25, 100][seed % 3] as number,
  });
  await toy.begin();
  const isLocal = random(4) === 0;
  for (let index = 2; index <= 4; index++) if (random(2) === 0) toy.breakAt(index);
  for (let count = 1 + random(5); count > 0 && !toy.machine.state.isEnded; count--) {
    await toy.type(["continue", "next 4", "finish", "step 3"][random(4)] as string).catch(() => {});
  }
  const here = toy.index;
  const hereState = toy.machine.state;
  const expression = `${isLocal ? "l" : "g"}${random(4)}${random(2) === 0 ? "" : ` < ${1 + random(3)}`}`;
  const scope = (await toy.debugger.bind(expression)).scope;
  const bad = valueAt(toy, hereState, expression, scope);
  const trace = `seed ${seed}: ${expression} from ${here}, history ${toy.history}`;
  try {
    await toy.fred(`fred-reverse-watch ${expression}`);
  } catch (error) {
    expect(error, trace).toBeInstanceOf(FredError);
    expect((error as FredError).kind, trace).toBe("noValueHere");
    expect(toy.index, trace).toBe(here);
    return "none";
  }
  const { states } = toy.machine.line;
  if (toy.printed.some((line) => line.startsWith("no transition"))) {
    expect(toy.index, trace).toBe(here);
    if (!isLocal) expect(valueAt(toy, states[0] as ToyState, expression, scope), trace).toBe(bad);
    return "none";
  }
  const position = toy.index;
  const end = await afterStep(toy, here);
  const values = states.slice(position, end + 1).map((state) => valueAt(toy, state, expression, scope));
  const flips = values.findIndex((value, index) => index > 0 && values[index - 1] !== bad && value === bad);
  const text = `${trace}: to ${position}…${end}: ${values.join(" ")}: ${toy.printed.join(" | ")}`;
  expect(position, text).toBeLessThan(here);
  expect(flips, text).toBeGreaterThan(0);
  const culprit = states[position + flips - 1] as ToyState;
  const isInLibrary = top(culprit).functionIndex === 5 || top(culprit).functionIndex === 0;
  if (!isInLibrary && !isLocal) {
    expect(values[0], text).not.toBe(bad);
    // A last line that returns into a loop of one line runs on: the value may change once more in the same step.
    const changes = values.filter((value, index) => index > 0 && value !== values[index - 1]).length;
    if (changes === 1) expect(values.at(-1), text).toBe(bad);
  }
  expect(toy.printed.at(-2), text).toMatch(/^culprit: .* in \S+ \(thread 1\): .* -> /);
  expect(toy.printed.at(-1), text).toMatch(/^searched: \d+ probes, \d+ restores, \d+\.\d\d s$/);
  return "found";
}

describe("over random programs", () => {
  test("fred-reverse-watch stops before a statement that gave the expression its present value", async () => {
    let found = 0;
    for (let seed = 1; seed <= seedCount; seed++) if ((await search(seed)) === "found") found++;
    expect(found).toBeGreaterThan(seedCount / 3);
  });

  test("also when the debugger cannot switch breakpoints off", async () => {
    const abilities = { ...allAbilities, suspendBreakpoints: false };
    for (let seed = 1; seed <= seedCount; seed++) await search(seed, abilities);
  });

  test("--last and --first find the last and the first transition of all", async () => {
    let found = 0;
    for (let seed = 1; seed <= seedCount / 3; seed++) {
      for (const which of ["first", "last"] as const) if ((await searchAll(seed, which)) === "found") found++;
    }
    expect(found).toBeGreaterThan(seedCount / 6);
  });
});

/** In programs where one statement assigns at most once: the transition is known from the trace alone. */
async function searchAll(seed: number, which: "first" | "last"): Promise<"found" | "none"> {
  const shape = {
    hasLibrary: false,
    hasOneLineLoops: false,
    automaticEvery: [0, 25, 100][seed % 3] as number,
  };
  const { toy, random } = toyFor(seed, { ...shape, most: 600 });
  await toy.begin();
  for (let count = 1 + random(4); count > 0 && !toy.machine.state.isEnded; count--) {
    await toy.type(["next", "next 4", "finish", "step 9"][random(4)] as string).catch(() => {});
  }
  const here = toy.index;
  const expression = `g${random(4)}`;
  const values = toy.machine.line.states
    .slice(0, here + 1)
    .map((state) => valueAt(toy, state, expression, null));
  const bad = values[here];
  const flips = values.flatMap((value, index) =>
    index > 0 && value === bad && values[index - 1] !== bad ? [index - 1] : [],
  );
  await toy.fred(`fred-reverse-watch --${which} ${expression}`);
  const flip = which === "first" ? flips[0] : flips.at(-1);
  const text = `seed ${seed}: --${which} ${expression} from ${here}, to ${toy.index}, flips ${flips}: ${toy.printed.join(" | ")}`;
  if (flip === undefined) {
    expect(toy.printed.join("\n"), text).toMatch(/^no transition/m);
    expect(toy.index, text).toBe(here);
    return "none";
  }
  const end = await afterStep(toy, here);
  expect(toy.index, text).toBeLessThanOrEqual(flip);
  expect(end, text).toBeGreaterThan(flip);
  return "found";
}
