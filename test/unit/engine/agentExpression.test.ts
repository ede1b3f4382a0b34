import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("../../..", import.meta.url));
let directory: string;
let driver: string;

beforeAll(() => {
  directory = mkdtempSync(path.join(tmpdir(), "fred-ax-"));
  driver = path.join(directory, "driver");
  const sources = ["test/unit/engine/agentExpression.cc", "native/engine/replay/agent_expression.cc"];
  const flags = ["-std=c++20", "-O1", "-g", "-Wall", "-Wextra", "-Werror", "-fsanitize=address,undefined"];
  execFileSync("g++", [...flags, "-fno-sanitize-recover=all", "-Inative", ...sources, "-o", driver], {
    cwd: root,
  });
});

afterAll(() => rmSync(directory, { recursive: true }));

/** rax 5, rip 0x401136, rsp 0x1000, orig_rax -1, fs_base 9; at 0x1000: 0x1122334455667788, -2, 0, 7. */
function evaluate(...bytecodes: string[]): string[] {
  const input = `${bytecodes.map((b) => b.replaceAll(" ", "")).join("\n")}\n`;
  return execFileSync(driver, { input, encoding: "utf8" }).trim().split("\n");
}

const one = (bytecode: string) => evaluate(bytecode)[0];

/** [what, bytecode, value]; opcodes as in gdb's manual, "Agent Expressions". */
const rows: readonly (readonly [string, string, string])[] = [
  ["rax == 5", "260000 2205 13 27", "1"],
  ["reg rip", "260010 27", String(0x401136)],
  ["reg orig_rax", "260039 27", "-1"],
  ["reg fs_base", "26003a 27", "9"],
  ["ref8", "231000 17 27", String(0x88)],
  ["ref16", "231000 18 27", String(0x7788)],
  ["ref32", "231000 19 27", String(0x55667788)],
  ["ref64", "231000 1a 27", String(0x1122334455667788n)],
  ["ext 8 of 0x88", "231000 17 1608 27", "-120"],
  ["zero_ext 8 of ~0", "2200 12 2a08 27", "255"],
  ["2 - 4", "2202 2204 03 27", "-2"],
  ["2 * 4", "2202 2204 04 27", "8"],
  ["-7 / 2, signed", "2200 2207 03 2202 05 27", "-3"],
  ["-7 % 2, signed", "2200 2207 03 2202 07 27", "-1"],
  ["7 / 2 and 7 % 2, unsigned", "2207 2202 06 2207 2202 08 02 27", "4"],
  ["least / -1 does not trap", "258000000000000000 2200 2201 03 05 27", "-9223372036854775808"],
  ["least % -1 does not trap", "258000000000000000 2200 2201 03 07 27", "0"],
  ["1 << 64", "2201 2240 09 27", "0"],
  ["-1 >> 200, signed", "2200 2201 03 22c8 0a 27", "-1"],
  ["-1 >> 200, unsigned", "2200 2201 03 22c8 0b 27", "0"],
  ["-1 < 1, signed", "2200 2201 03 2201 14 27", "1"],
  ["-1 < 1, unsigned", "2200 2201 03 2201 15 27", "0"],
  ["!0", "2200 0e 27", "1"],
  ["6 & 3 | 8 ^ 1", "2206 2203 0f 2208 10 2201 11 27", "11"],
  ["if_goto taken", "2201 200007 2209 2207 27", "7"],
  ["if_goto not taken", "2200 200009 2203 27 2207 27", "3"],
  ["goto", "210005 2209 2208 27", "8"],
  ["dup, pop", "2203 28 29 27", "3"],
  ["swap", "2201 2202 2b 27", "1"],
  ["pick 1", "2201 2202 3201 27", "1"],
  ["rot: a b c to c a b", "2201 2202 2203 33 27", "2"],
  ["division by zero", "2202 2200 05 27", "none"],
  ["unreadable memory", "2201 17 27", "none"],
  ["memory readable in part", "23101d 1a 27", "none"],
  ["a register that is not general", "260028 27", "none"],
  ["an unknown register", "26ffff 27", "none"],
  ["end of an empty stack", "27", "none"],
  ["cut off", "22", "none"],
  ["nothing", "", "none"],
  ["pop of an empty stack", "29 27", "none"],
  ["jump out of the code", "21ffff", "none"],
  ["endless loop", "210000", "none"],
  ["endless pushes", "2201 210000", "none"],
  ["tracenz", "2f 27", "none"],
  ["printf", "34 27", "none"],
  ["float", "01 02 27", "none"],
];

describe("agent expressions", () => {
  it.each(rows)("%s", (_, bytecode, value) => {
    expect(one(bytecode)).toBe(value);
  });

  it("survive 200,000 random bytecodes under the sanitizers", () => {
    expect(Number(execFileSync(driver, ["200000"], { encoding: "utf8" }))).toBeGreaterThan(0);
  });

  it("compiled by gdb itself evaluate to what gdb prints", () => {
    const expressions = [
      "$rax + 2 * 3",
      "$rax > 4 && $rip != 0",
      "(char) 0x88",
      "$rsp == 0 || $rax == 5 ? 10 : 20",
      "*(int *) $rsp",
      "((unsigned char *) $rsp)[1] << 4",
      "-$rax % 3",
      "~$rax & 0xff",
      "*(short *) ($rsp + 8) < 0",
    ];
    const wanted = ["11", "1", "-120", "10", String(0x55667788), String(0x770), "-2", "250", "1"];
    const commands = expressions.flatMap((expression) => ["-ex", `maint agent-eval ${expression}`]);
    const args = ["-nx", "-batch", "-ex", "starti", ...commands, "/bin/true"];
    const listing = execFileSync("gdb", args, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
    expect(evaluate(...assemble(listing))).toEqual(wanted);
  });
});

/** gdb's "  0  const8 5" lines → bytecode. One expression ends at its `end`. */
function assemble(listing: string): string[] {
  const bytecodes: string[] = [];
  let current = "";
  for (const line of listing.split("\n")) {
    const [, name, argument] = /^\s+\d+\s+([a-z_0-9]+)(?:\s+(-?\d+))?/.exec(line) ?? [];
    const row = name === undefined ? undefined : opcodes[name];
    if (row === undefined) continue;
    current += row[0].toString(16).padStart(2, "0");
    if (row[1] > 0)
      current += BigInt.asUintN(8 * row[1], BigInt(argument ?? 0))
        .toString(16)
        .padStart(2 * row[1], "0");
    if (name === "end") {
      bytecodes.push(current);
      current = "";
    }
  }
  return bytecodes;
}

/** Opcode and bytes of its operand. */
const opcodes: Readonly<Record<string, readonly [number, number]>> = {
  add: [0x02, 0],
  sub: [0x03, 0],
  mul: [0x04, 0],
  div_signed: [0x05, 0],
  div_unsigned: [0x06, 0],
  rem_signed: [0x07, 0],
  rem_unsigned: [0x08, 0],
  lsh: [0x09, 0],
  rsh_signed: [0x0a, 0],
  rsh_unsigned: [0x0b, 0],
  log_not: [0x0e, 0],
  bit_and: [0x0f, 0],
  bit_or: [0x10, 0],
  bit_xor: [0x11, 0],
  bit_not: [0x12, 0],
  equal: [0x13, 0],
  less_signed: [0x14, 0],
  less_unsigned: [0x15, 0],
  ext: [0x16, 1],
  ref8: [0x17, 0],
  ref16: [0x18, 0],
  ref32: [0x19, 0],
  ref64: [0x1a, 0],
  if_goto: [0x20, 2],
  goto: [0x21, 2],
  const8: [0x22, 1],
  const16: [0x23, 2],
  const32: [0x24, 4],
  const64: [0x25, 8],
  reg: [0x26, 2],
  end: [0x27, 0],
  dup: [0x28, 0],
  pop: [0x29, 0],
  zero_ext: [0x2a, 1],
  swap: [0x2b, 0],
};
