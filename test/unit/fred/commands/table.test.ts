/** The texts that are made from the command table: README's table of commands, and fred-help. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { usageOf } from "../../../../src/fred/commands/resolve.ts";
import type { CommandContext, CommandSpec } from "../../../../src/fred/commands/spec.ts";
import { commandTable } from "../../../../src/fred/commands/table.ts";

const readme = fileURLToPath(new URL("../../../../README.md", import.meta.url));

/** A cell of a Markdown table: a bar would end it. */
function cell(text: string): string {
  return text.replaceAll("|", "\\|");
}

function readmeRow(row: CommandSpec): string {
  const short = row.aliases.map((alias) => `\`${alias}\``).join(", ");
  return `| \`${cell(usageOf(row))}\` |${short === "" ? "" : ` ${short}`} | ${cell(row.summary)} |`;
}

/** What fred-help prints for `args`, a line each. */
async function helpLines(word: string | null): Promise<readonly string[]> {
  const lines: string[] = [];
  const row = commandTable.find((each) => each.name === "fred-help");
  const ui = { print: async (line: string) => void lines.push(line) } as CommandContext["ui"];
  await row?.run({ ui, table: commandTable } as unknown as CommandContext, { kind: "word", word });
  return lines;
}

test("README's table has a row for each command, as the command table says it", () => {
  const rows = readFileSync(readme, "utf8")
    .split("\n")
    .filter((line) => line.startsWith("| `fred-"));
  expect(rows).toEqual(commandTable.map(readmeRow));
});

test("no name or short form means two commands", () => {
  const words = commandTable.flatMap((row) => [row.name, ...row.aliases]);
  expect(new Set(words).size).toBe(words.length);
});

test("fred-help lists each command with its usage and its summary", async () => {
  const lines = await helpLines(null);
  for (const [index, row] of commandTable.entries()) {
    expect(lines[index]?.startsWith(`${usageOf(row)} `)).toBe(true);
    expect(lines[index]?.endsWith(` ${row.summary}`)).toBe(true);
  }
});

describe("fred-help COMMAND", () => {
  for (const row of commandTable) {
    test(`explains ${row.name}, by its name and by each short form`, async () => {
      for (const word of [row.name, row.name.slice("fred-".length), ...row.aliases]) {
        const text = (await helpLines(word)).join("\n");
        expect(text).toContain(usageOf(row));
        for (const alias of row.aliases) expect(text).toContain(alias);
        expect(text).toContain(`${row.summary} ${row.help}`);
      }
    });
  }
});
