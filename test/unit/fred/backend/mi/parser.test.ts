/** gdb/MI records: real ones of gdb 13.1, every construct of the grammar, and garbage. */
import { describe, expect, test } from "vitest";
import { parseMiRecord, parseMiText } from "../../../../../src/fred/backend/gdb/mi/parser.ts";
import { readStopped } from "../../../../../src/fred/backend/gdb/mi/stopped.ts";

describe("records", () => {
  test("a result has its token, class and results", () => {
    expect(parseMiRecord('17^done,depth="2"')).toEqual({
      kind: "result",
      token: 17,
      class: "done",
      results: { depth: "2" },
    });
    expect(parseMiRecord("^running")).toMatchObject({ kind: "result", token: null, class: "running" });
  });

  test("stopped, status, notifications, streams and the prompt", () => {
    expect(parseMiRecord('*stopped,reason="exited",exit-code="012"')).toMatchObject({
      kind: "exec",
      class: "stopped",
    });
    expect(parseMiRecord('+download,section=".text"')).toMatchObject({ kind: "status", class: "download" });
    expect(parseMiRecord('=thread-created,id="1",group-id="i1"').kind).toBe("notify");
    expect(parseMiRecord('~"5\\t  int c=a+b;\\n"')).toEqual({ kind: "console", text: "5\t  int c=a+b;\n" });
    expect(parseMiRecord('@"out"').kind).toBe("target");
    expect(parseMiRecord('&"warning\\n"').kind).toBe("log");
    expect(parseMiRecord("(gdb) ")).toEqual({ kind: "prompt" });
  });

  test("tuples, lists of values and of results nest", () => {
    const line =
      '^done,stack=[frame={level="0",args=[{name="a",value="1"}]},frame={level="1"}],empty=[],none={}';
    expect(parseMiRecord(line)).toMatchObject({
      results: {
        stack: [{ level: "0", args: [{ name: "a", value: "1" }] }, { level: "1" }],
        empty: [],
        none: {},
      },
    });
  });

  test("bare values where gdb writes them instead of results", () => {
    expect(parseMiRecord('=x,bkpt={number="1",script={"silent","end"}},{number="1.1"}')).toMatchObject({
      results: { bkpt: { script: ["silent", "end"] }, "1": { number: "1.1" } },
    });
  });

  test("octal escapes are UTF-8 bytes", () => {
    expect(parseMiRecord('~"\\303\\251 \\"q\\" \\\\ \\033"')).toEqual({
      kind: "console",
      text: 'é "q" \\ \x1b',
    });
  });
});

describe("what is no record", () => {
  test.each(["", "hello", "^", "*stopped,", '^done,a="', '^done,a={b="1"', "^done,a=[", '~"x', "1 2 3", '"'])(
    "%j is unparsed",
    (line) => {
      expect(parseMiRecord(line).kind).toBe("unparsed");
    },
  );

  test("random garbage and cut or damaged records never throw", () => {
    const real =
      '*stopped,reason="breakpoint-hit",bkptno="1",frame={addr="0x1",args=[{name="a",value="\\"0\\""}]}';
    const random = generator(7);
    for (let round = 0; round < 3000; round++) {
      const characters = [...real];
      for (let edits = 0; edits < 1 + (random() % 4); edits++) {
        const at = random() % characters.length;
        const piece = String.fromCharCode(random() % 3 === 0 ? random() % 256 : 33 + (random() % 94));
        characters.splice(at, random() % 3, piece);
      }
      const line = characters.slice(0, random() % 2 === 0 ? characters.length : random() % 100).join("");
      const record = parseMiRecord(line);
      expect(["exec", "unparsed", "result", "notify", "status", "console", "target", "log"]).toContain(
        record.kind,
      );
    }
  });

  test("a text of several lines keeps its good records", () => {
    const records = parseMiText('garbage\n^done,depth="2"\n(gdb) \n');
    expect(records.map((record) => record.kind)).toEqual(["unparsed", "result", "prompt"]);
  });
});

describe("what a stop says", () => {
  test.each([
    ['*stopped,reason="end-stepping-range",thread-id="1"', "end-stepping-range", []],
    ['*stopped,reason="breakpoint-hit",disp="keep",bkptno="3",thread-id="1"', "breakpoint-hit", [3]],
    ['*stopped,reason="watchpoint-trigger",wpt={number="2",exp="t"}', "watchpoint-trigger", [2]],
    ['*stopped,reason="read-watchpoint-trigger",hw-rwpt={number="4",exp="t"}', "watchpoint-trigger", [4]],
    ['*stopped,reason="exited-normally"', "exited", []],
    ['*stopped,reason="signal-received",signal-name="SIGSEGV"', "signal-received", []],
    ['*stopped,reason="no-history"', "no-history", []],
    ['*stopped,frame={addr="0x1"}', "other", []],
    ['*stopped,reason="new-in-gdb-20"', "other", []],
  ])("%s", (line, cause, numbers) => {
    const facts = readStopped(parseMiRecord(line));
    expect(facts.cause).toBe(cause);
    expect(facts.breakpointNumbers).toEqual(numbers);
  });
});

/** Deterministic numbers (a linear congruence), so that a failure repeats. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return state >>> 8;
  };
}
