/** Every rule of FRED.md and every defect of the original FReD that it lists, on small programs. */
import { describe, expect, test } from "vitest";
import { FredError } from "../../../src/errors.ts";
import { bodyOf } from "../../helpers/toyDebugger.ts";
import type { Instruction, Operation, ToyFunction, ToyProgram } from "../../helpers/toyProgram.ts";
import { randomFrom } from "../../helpers/toyProgram.ts";
import { ToySession, toyFor } from "../../helpers/toySession.ts";

type Source = readonly (readonly [line: number | null, isStart: boolean, operation: Operation])[];

/** Functions by name; the first is _start, whose caller is nobody. */
function programOf(sources: Readonly<Record<string, Source>>): ToyProgram {
  const code: Instruction[] = [];
  const functions: ToyFunction[] = [];
  for (const [name, source] of Object.entries(sources)) {
    const entry = code.length;
    const functionIndex = functions.length;
    for (const [line, isStart, operation] of source)
      code.push({ ...operation, functionIndex, line, isStart });
    functions.push({ name, hasSource: source.some(([line]) => line !== null), entry, end: code.length });
  }
  return { code, functions };
}

const prologue = (line: number): Source => [
  [line, true, { op: "push" }],
  [line, false, { op: "reserve", bytes: 32 }],
];
const epilogue = (line: number): Source => [
  [line, true, { op: "leave" }],
  [line, false, { op: "ret" }],
];
const add = (line: number, slot: number): Source => [
  [line, true, { op: "nop" }],
  [line, false, { op: "addGlobal", slot, value: 1 }],
];
const call = (line: number, callee: number): Source => [
  [line, true, { op: "nop" }],
  [line, false, { op: "call", callee }],
  [line, false, { op: "nop" }],
];
const start: Source = [
  [null, false, { op: "call", callee: 1 }],
  [null, false, { op: "exit" }],
];

/** main: lines 11 … 19 each add to g0, 13 and 16 call f; f: lines 31, 32 add to g1. */
const plain = programOf({
  _start: start,
  main: [
    ...prologue(10),
    ...add(11, 0),
    ...add(12, 0),
    ...call(13, 2),
    ...add(14, 0),
    ...add(15, 0),
    ...call(16, 2),
    ...add(17, 0),
    ...add(18, 0),
    ...epilogue(19),
  ],
  f: [...prologue(30), ...add(31, 1), ...add(32, 1), ...epilogue(33)],
});

async function begun(program: ToyProgram = plain, automaticEvery = 0): Promise<ToySession> {
  const toy = new ToySession({ program, random: randomFrom(1), automaticEvery });
  await toy.begin();
  return toy;
}

function line(toy: ToySession): number | null {
  const { state } = toy.machine;
  return state.isEnded ? null : (toy.machine.program.code[state.pc]?.line ?? null);
}

async function kindOfFailure(work: Promise<unknown>): Promise<string> {
  const error = await work.then(
    () => null,
    (reason) => reason,
  );
  expect(error).toBeInstanceOf(FredError);
  return (error as FredError).kind;
}

describe("undo", () => {
  test("next 5 is one command: one undo takes it back, without any replay", async () => {
    const toy = await begun();
    const from = toy.index;
    await toy.type("next 5");
    const { executed } = toy.machine.counts;
    await toy.fred("fred-undo");
    expect(toy.index).toBe(from);
    expect(toy.machine.counts.executed).toBe(executed);
    expect(toy.history).toBe("[run]");
  });

  test("undo N goes before the last N commands that moved; breakpoints and looking are not counted and stay", async () => {
    const toy = await begun();
    await toy.type("next");
    const from = toy.index;
    await toy.type("next");
    await toy.type("break 18");
    toy.debugger.breakpoints.add(bodyOf(plain, plain.functions[2] as ToyFunction));
    await toy.type("print g0");
    await toy.type("step");
    await toy.fred("fred-undo 2");
    expect(toy.index).toBe(from);
    expect(toy.history).toBe("[run, next, break 18]");
    expect(toy.debugger.breakpoints.size).toBe(2);
  });

  test("at the first stop it says so and nothing moves", async () => {
    const toy = await begun();
    const from = toy.index;
    expect(await kindOfFailure(toy.fred("fred-undo"))).toBe("nothingToUndo");
    await toy.type("next");
    expect(await kindOfFailure(toy.fred("fred-undo 3"))).toBe("nothingToUndo");
    expect(toy.index).toBeGreaterThan(from);
  });

  test("after a search that used an older checkpoint, undo goes back and never forward", async () => {
    const toy = await begun();
    await toy.fred("fred-checkpoint");
    await toy.type("next 3");
    await toy.fred("fred-checkpoint");
    await toy.type("next 2");
    await toy.fred("fred-checkpoint");
    await toy.type("next");
    await toy.fred("fred-reverse-watch g0 < 2");
    const position = toy.index;
    await toy.fred("fred-undo");
    expect(toy.index).toBeLessThan(position);
  });

  test("a change that is taken back stays on its branch: going forward does not make it again", async () => {
    const toy = await begun();
    await toy.type("set var g3 = 7");
    await toy.type("next");
    await toy.fred("fred-undo 2");
    await toy.type("next");
    expect(toy.machine.state.globals[3]).toBe(0);
    await toy.fred("fred-switch main");
    expect(toy.machine.state.globals[3]).toBe(0);
    await toy.fred("fred-goto head");
    expect(toy.machine.state.globals[3]).toBe(7);
  });
});

describe("reverse-next", () => {
  test("counts are never eaten: next 5 then reverse-next is four lines on", async () => {
    const toy = await begun();
    await toy.type("next 5");
    expect(line(toy)).toBe(16);
    await toy.fred("fred-reverse-next");
    expect(line(toy)).toBe(15);
    expect(toy.history).toBe("[run, next 4]");
    await toy.fred("fred-reverse-next 2");
    expect(line(toy)).toBe(13);
  });

  test("a continue is decomposed into nexts, which the history then shows", async () => {
    const toy = await begun();
    toy.breakAt(2);
    await toy.type("continue");
    await toy.type("finish");
    await toy.type("next");
    await toy.fred("fred-undo 3");
    toy.debugger.breakpoints = new Set([toy.machine.program.code.findIndex((one) => one.line === 17)]);
    await toy.type("continue");
    await toy.fred("fred-reverse-next");
    expect(line(toy)).toBe(16);
    expect(toy.history).toMatch(/^\[run, next.*\]$/);
    expect(toy.history).not.toContain("continue");
  });

  test("over a call it stays at the level; from a first line it goes to the call", async () => {
    const toy = await begun();
    await toy.type("next 3");
    expect(line(toy)).toBe(14);
    await toy.fred("rn");
    expect(line(toy)).toBe(13);
    await toy.type("step");
    expect(line(toy)).toBe(31);
    await toy.fred("fred-reverse-next");
    expect(line(toy)).toBe(13);
  });

  test("trailing finish, until and breakpoints are not lost: only the last unit goes", async () => {
    const toy = await begun();
    await toy.type("next 2");
    await toy.type("step");
    await toy.type("finish");
    await toy.type("break 99");
    await toy.type("next");
    await toy.fred("fred-reverse-next");
    expect(toy.history).toBe("[run, next 2, step, finish, break 99]");
    expect(line(toy)).toBe(13);
  });

  test("at main's first line it says so and nothing moves", async () => {
    const toy = await begun();
    const from = toy.index;
    expect(await kindOfFailure(toy.fred("fred-reverse-next"))).toBe("noEarlierStatement");
    expect(toy.index).toBe(from);
  });
});

describe("reverse-step and reverse-finish", () => {
  test("from after a call reverse-step goes to the callee's last line, from its first line to the call", async () => {
    const toy = await begun();
    await toy.type("next 3");
    await toy.fred("fred-reverse-step");
    expect(line(toy)).toBe(33);
    await toy.fred("rs 2");
    expect(line(toy)).toBe(31);
    await toy.fred("fred-reverse-step");
    expect(line(toy)).toBe(13);
  });

  test("counts are never eaten: next 5 and step, then reverse-step twice", async () => {
    const toy = await begun();
    await toy.type("next 5");
    await toy.type("step");
    expect(line(toy)).toBe(31);
    await toy.fred("fred-reverse-step");
    expect(line(toy)).toBe(16);
    await toy.fred("fred-reverse-step");
    expect(line(toy)).toBe(15);
  });

  test("reverse-finish after a continue goes to this call, not to an earlier one", async () => {
    const toy = await begun();
    toy.breakAt(2);
    await toy.type("continue");
    await toy.type("continue");
    await toy.fred("fred-reverse-finish");
    expect(line(toy)).toBe(16);
  });

  test("reverse-finish at top level: a clear message, nothing moves", async () => {
    const toy = await begun();
    await toy.type("next");
    const from = toy.index;
    expect(await kindOfFailure(toy.fred("fred-reverse-finish"))).toBe("outermostFrame");
    expect(toy.index).toBe(from);
  });

  test("a million statements in the callee are not stepped through", async () => {
    const loop = programOf({
      _start: start,
      main: [...prologue(10), ...call(11, 2), ...add(12, 0), ...epilogue(13)],
      f: [
        ...prologue(30),
        [31, true, { op: "setLocal", slot: 1, value: 0 }],
        [32, true, { op: "addLocal", slot: 1, value: 1 }],
        [33, true, { op: "jumpIfAtLeast", slot: 1, value: 20_000, target: 17 }],
        [33, false, { op: "jump", target: 14 }],
        ...epilogue(34),
      ],
    });
    const toy = await begun(loop);
    await toy.type("next");
    const moves = toy.debugger.moves.length;
    await toy.fred("fred-reverse-step");
    expect(line(toy)).toBe(34);
    await toy.fred("fred-reverse-step");
    expect(line(toy)).toBe(33);
    expect(toy.debugger.moves.length - moves).toBeLessThan(80);
  });
});

describe("reverse-continue", () => {
  test("finds the hits inside a long continue 3 or next 100, and crosses checkpoints", async () => {
    const toy = await begun();
    toy.breakAt(2);
    await toy.type("continue");
    await toy.fred("fred-checkpoint");
    toy.debugger.breakpoints.clear();
    await toy.type("next 100");
    toy.breakAt(2);
    await toy.fred("fred-reverse-continue");
    expect([line(toy), toy.machine.state.globals[1]]).toEqual([31, 2]);
    await toy.type("print g1");
    await toy.fred("fred-reverse-continue");
    expect([line(toy), toy.machine.state.globals[1]]).toEqual([31, 0]);
    await toy.fred("rc");
    expect(toy.index).toBe(0);
    expect(toy.printed.at(-1)).toBe("start of the history");
    await toy.fred("rc");
    expect(toy.index).toBe(0);
  });
});

describe("reverse-watch", () => {
  test("ends before the culprit, names it, and one step shows it", async () => {
    const toy = await begun();
    await toy.type("next 8");
    await toy.fred("fred-reverse-watch g1 < 3");
    expect(toy.printed.at(-2)).toBe("culprit: toy.c:31 in f (thread 1): g1 < 3 1 -> 0");
    expect(toy.printed.at(-1)).toMatch(/^searched: \d+ probes, \d+ restores, 0\.00 s$/);
    expect(line(toy)).toBe(31);
    await toy.type("step");
    expect(toy.machine.state.globals[1]).toBe(3);
  });

  test("the first command after a checkpoint being the culprit is found, not the one after", async () => {
    const toy = await begun();
    await toy.type("next");
    await toy.fred("fred-checkpoint");
    await toy.type("next");
    await toy.fred("fred-reverse-watch g0 < 2");
    expect(line(toy)).toBe(12);
  });

  test("the upper end is tested: with no transition the user stays, and nothing is lost", async () => {
    const toy = await begun();
    await toy.type("next 4");
    await toy.type("break 3");
    const from = toy.index;
    const { history } = toy;
    await toy.fred("fred-reverse-watch g2");
    expect(toy.printed[0]).toMatch(/^no transition: g2 is 0/);
    expect(toy.index).toBe(from);
    expect(toy.history).toBe(history);
  });

  test("^C at any probe goes back to where the user was, with one line", async () => {
    const reference = await begun(plain, 5);
    await reference.type("next 8");
    await reference.fred("fred-reverse-watch g1 < 3");
    for (let probes = 1; probes <= reference.debugger.evaluations; probes++) {
      const toy = await begun(plain, 5);
      await toy.type("next 8");
      const [from, history] = [toy.index, toy.history];
      const controller = new AbortController();
      let left = probes;
      toy.debugger.onEvaluate = () => {
        if (--left === 0) controller.abort();
      };
      await toy.fred("fred-reverse-watch g1 < 3", controller.signal);
      expect(toy.printed).toEqual(["fred-reverse-watch cancelled: you are where you were."]);
      expect([toy.index, toy.history]).toEqual([from, history]);
    }
  });

  test("a long search says what it does, and how long it took", async () => {
    const toy = await begun(plain, 5);
    await toy.type("next 8");
    toy.tickMs = 600;
    await toy.fred("fred-reverse-watch g1 < 3");
    expect(toy.progress.some((text) => /^g1 < 3: .*(bisecting|refining|stepping)/.test(text))).toBe(true);
    expect(toy.printed.at(-1)).toMatch(/^\(\d+\.\d s\)$/);
  });
});

describe("branches, checkpoints, positions", () => {
  test("three and more checkpoints work, restart keeps what came after", async () => {
    const toy = await begun();
    const indices: number[] = [];
    for (const name of ["a", "b", "c", "d"]) {
      await toy.fred(`fred-checkpoint ${name}`);
      indices.push(toy.index);
      await toy.type("next");
    }
    await toy.fred("fred-restart b");
    expect(toy.index).toBe(indices[1]);
    await toy.fred("fred-restart d");
    expect(toy.index).toBe(indices[3]);
    await toy.fred("fred-list");
    expect(toy.printed.filter((text) => text.includes(" user "))).toHaveLength(4);
    expect(toy.history).toMatch(
      /^\[run, \*ckpt \d+\*, next, \*ckpt \d+\*, next, \*ckpt \d+\*, next, \*ckpt \d+\*\]$/,
    );
  });

  test("a change in the past starts a branch; the old one stays and can be switched to", async () => {
    const toy = await begun();
    await toy.type("next 3");
    const old = toy.index;
    await toy.fred("fred-undo");
    await toy.type("set var g2 = 5");
    await toy.type("next");
    expect(toy.history).toBe("[run, set var g2 = 5, next]");
    await toy.fred("fred-switch main");
    expect(toy.machine.state.globals[2]).toBe(0);
    await toy.fred("fred-goto head");
    expect(toy.index).toBe(old);
    await toy.fred("fred-switch branch-2");
    expect(toy.machine.state.globals[2]).toBe(5);
  });

  test("going forward again from the past consumes what was ahead", async () => {
    const toy = await begun();
    await toy.type("next 4");
    await toy.type("next");
    await toy.fred("fred-undo 2");
    await toy.fred("fred-history");
    expect(toy.printed).toEqual(["[run]\nahead: [next 4, next]"]);
    await toy.type("next");
    await toy.fred("fred-history");
    expect(toy.printed).toEqual(["[run, next]\nahead: [next 4, next]"]);
    await toy.type("next 3");
    await toy.fred("fred-history");
    expect(toy.printed).toEqual(["[run, next, next 3]\nahead: [next]"]);
  });

  test("goto understands start, head, checkpoints and events, and refuses others", async () => {
    const toy = (await toyFor(3)).toy;
    await toy.begin();
    await toy.type("continue");
    await toy.fred("fred-goto start");
    expect(toy.index).toBe(0);
    await toy.fred("fred-goto #0");
    expect(await kindOfFailure(toy.fred("fred-goto c9999"))).toBe("unknownCheckpoint");
    expect(await kindOfFailure(toy.fred("fred-goto #9999"))).toBe("unknownEvent");
    expect(await kindOfFailure(toy.fred("fred-goto nowhere"))).toBe("unknownCheckpoint");
    expect(await kindOfFailure(toy.fred("fred-switch nowhere"))).toBe("unknownBranch");
  });

  test.each([20, 40, 80, 200])("the timeline fits into %i columns", async (width) => {
    const toy = (await toyFor(5)).toy;
    await toy.begin();
    await toy.type("next 3");
    await toy.type("continue");
    await toy.fred("fred-undo");
    await toy.fred("fred-timeline", undefined, width);
    expect(toy.printed).toHaveLength(1);
    expect(toy.printed[0]?.length).toBeLessThanOrEqual(width);
    expect(toy.printed[0]).toContain("@");
  });

  test("an unknown command gets the nearest name suggested", async () => {
    const toy = await begun();
    const error = await toy.fred("fred-revers-nxt").catch((reason) => reason);
    expect(error.message).toContain("did you mean fred-reverse-next?");
    expect(await kindOfFailure(toy.fred("fred-undo much"))).toBe("badFredArguments");
  });

  test("without a program, commands say how to start one", async () => {
    const toy = new ToySession({ program: plain, random: randomFrom(1) });
    expect(await kindOfFailure(toy.fred("fred-undo"))).toBe("noProcess");
    await toy.fred("fred-help");
    expect(toy.printed.length).toBeGreaterThan(14);
  });
});
