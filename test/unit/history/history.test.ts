/** The pure parts of history: kinds of commands, entries under travel, rendering, bisection, the timeline's line. */
import { describe, expect, test } from "vitest";
import { Bisection, transition, type Verdict } from "../../../src/history/bisection.ts";
import { History } from "../../../src/history/branches.ts";
import { classify } from "../../../src/history/commandKinds.ts";
import { type Entry, mergeRepeated } from "../../../src/history/entry.ts";
import { renderEntries, renderHistory } from "../../../src/history/render.ts";
import { drawTimeline } from "../../../src/history/timelineArt.ts";

/** States are numbers in their order. */
function entry(text: string, before: number, after: number): Entry {
  const { kind, name, count } = classify(text);
  const known = kind === "looking" || kind === "unknown" ? "opaque" : kind;
  return { text, kind: known, command: name, count, before, after, from: null, to: null };
}

const later = (here: number) => (id: number) => id > here;

describe("commands as typed", () => {
  test.each([
    ["n", "next", "motion", 1],
    ["next 5", "next", "motion", 5],
    ["s", "step", "motion", 1],
    ["c 3", "continue", "motion", 3],
    ["fin", "finish", "motion", 1],
    ["u", "until", "motion", 1],
    ["si 4", "stepi", "motion", 4],
    ["ni", "nexti", "motion", 1],
    ["next n", "next", "motion", null],
    ["r", "run", "run", 1],
    ["b 30", "break", "setting", 1],
    ["set var x = 1", "set variable", "change", 1],
    ["set print pretty on", "set", "setting", 1],
    ["p/x y", "print", "looking", 1],
    ["x/4x $sp", "x", "looking", 1],
    ["mystep", null, "unknown", 1],
  ] as const)("%s is %s (%s)", (text, name, kind, count) => {
    expect(classify(text)).toEqual({ name, kind, count });
  });
});

describe("a history", () => {
  test("keeps settings in force when the program goes back, and motions ahead", () => {
    const history = new History<number>(0);
    for (const [text, from, to] of [
      ["run", 0, 10],
      ["next", 10, 20],
      ["break 30", 20, 20],
      ["next 5", 20, 70],
    ] as const) {
      history.log(entry(text, from, to), later(to));
    }
    history.moveTo(10, later(10));
    expect(renderHistory(history.current)).toBe("[run, break 30]\nahead: [next, next 5]");
    history.moveTo(70, later(70));
    expect(renderHistory(history.current)).toBe("[run, break 30, next, next 5]");
  });

  test("cuts a command that contains the position, and shows the pieces that lead there", () => {
    const history = new History<number>(0);
    history.log(entry("run", 0, 10), later(10));
    history.log(entry("continue", 10, 90), later(90));
    expect(history.spanning(50, later(50))?.text).toBe("continue");
    history.moveTo(50, later(50), [entry("next 3", 10, 40), entry("step", 40, 50)]);
    expect(renderEntries(history.current.entries)).toBe("[run, next 3, step]");
    expect(history.undoable(1)[0]?.before).toBe(40);
    history.log(entry("continue", 50, 90), later(90));
    expect(history.current.ahead).toEqual([]);
  });

  test("a command that was cut is whole again when the program goes back before it", () => {
    const history = new History<number>(0);
    history.log(entry("run", 0, 10), later(10));
    history.log(entry("continue", 10, 90), later(90));
    history.moveTo(50, later(50));
    history.moveTo(30, later(30));
    expect(renderHistory(history.current)).toBe("[run, continue]\nahead: [continue]");
    history.moveTo(10, later(10));
    expect(renderHistory(history.current)).toBe("[run]\nahead: [continue]");
  });

  test("all parts of a typed command in a row are that command again, however it was taken apart", () => {
    const history = new History<number>(0);
    history.log(entry("run", 0, 10), later(10));
    history.log(entry("next 8", 10, 90), later(90));
    history.moveTo(50, later(50), [entry("next 3", 10, 40), entry("step", 40, 50)]);
    expect(renderHistory(history.current)).toBe("[run, next 3, step]\nahead: [next 8]");
    history.moveTo(40, later(40));
    expect(renderHistory(history.current)).toBe("[run, next 3]\nahead: [step, next 8]");
    history.moveTo(90, later(90));
    expect(renderHistory(history.current)).toBe("[run, next 8]");
  });

  test("what is left of a command is shortened by the pieces that are found later", () => {
    const history = new History<number>(0);
    history.log(entry("run", 0, 10), later(10));
    history.log(entry("next 8", 10, 90), later(90));
    const mark = { ...entry("*to a.c:5*", 10, 80), kind: "motion" as const, isCutAtEnd: true };
    history.moveTo(80, later(80), [mark]);
    expect(renderHistory(history.current)).toBe("[run, *to a.c:5*]\nahead: [next 8]");
    history.replaceEntry(history.current.entries[1] as Entry<number>, [entry("next 7", 10, 80)]);
    expect(renderHistory(history.current)).toBe("[run, next 7]\nahead: [next]");
  });

  test("at the program's first state it has been run, and the rest of the run lies ahead as one continue", () => {
    const history = new History<number>(0);
    history.log(entry("run", 0, 90), later(90));
    history.moveTo(50, later(50));
    history.moveTo(0, later(0));
    expect(renderHistory(history.current)).toBe("[run]\nahead: [continue]");
  });

  test("a fork keeps the old branch whole, and both can be found by state", () => {
    const history = new History<number>(0);
    history.log(entry("run", 0, 10), later(10));
    history.log(entry("next", 10, 20), later(20));
    history.moveTo(10, later(10));
    history.fork(null);
    expect(history.current).toMatchObject({
      name: "branch-2",
      ahead: [],
      here: 10,
      parent: { name: "main", at: 10 },
    });
    expect(history.branchOf(20)?.name).toBe("main");
    expect(() => history.fork("main")).toThrow(/exists already/);
    expect(history.switchTo("main").ahead).toHaveLength(1);
  });

  test("undo stops at run and says how many commands there are", () => {
    const history = new History<number>(0);
    history.log(entry("run", 0, 10), later(10));
    expect(() => history.undoable(1)).toThrow(/nothing to undo/);
    history.log(entry("next", 10, 20), later(20));
    expect(() => history.undoable(2)).toThrow(/only 1 command can be undone/);
  });

  test("nexts in a row are one entry", () => {
    const merged = mergeRepeated([
      entry("next", 0, 1),
      entry("next 2", 1, 3),
      entry("step", 3, 4),
      entry("next", 4, 5),
    ]);
    expect(renderEntries(merged)).toBe("[next 3, step, next]");
  });
});

describe("bisection", () => {
  test("finds the only change in every row, with at most log2 probes", () => {
    for (let length = 2; length < 70; length++) {
      for (let firstBad = 1; firstBad < length; firstBad++) {
        const bisection = new Bisection(0, length - 1);
        for (let at = bisection.next; at !== null; at = bisection.next)
          bisection.tell(at >= firstBad ? "bad" : "unknown");
        expect([bisection.low, bisection.high]).toEqual([firstBad - 1, firstBad]);
        expect(bisection.probeCount).toBeLessThanOrEqual(Math.ceil(Math.log2(length - 1)));
      }
    }
  });

  test("of many changes it finds one, from good or unknown to bad", () => {
    const row: Verdict[] = ["unknown", "bad", "good", "unknown", "bad", "bad", "good", "bad"];
    expect([transition(row, "first"), transition(row, "last")]).toEqual([0, 6]);
    expect(transition(["bad", "good", "good"], "last")).toBeNull();
  });
});

test("the timeline shows start, stops, checkpoints and the present in order", () => {
  const point = (id: number, kind: string) => ({ id, kind });
  const past = [point(1, "start"), point(2, "automatic"), point(3, "user"), point(4, "stop")];
  const shape = { past, future: [point(5, "stop")], here: 4, event: 3, eventCount: 9 };
  expect(drawTimeline(shape, 60)).toBe("c1 [--.--C--@==o c5  event 3 of 9");
});
