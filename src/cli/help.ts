/** The texts of `fred-ts help` and `fred-ts help gdb`, made from the tables. */
import { optionTable } from "./optionTable.ts";

export interface Subcommand {
  readonly name: string;
  readonly usage: string;
  readonly summary: string;
}

export function renderHelp(subcommands: readonly Subcommand[]): string {
  const rows = subcommands.map((row) => `  fred-ts ${row.usage}\n      ${row.summary}\n`);
  return `Time travel for ordinary debuggers.\n\n${rows.join("")}`;
}

export function renderGdbHelp(): string {
  const rows = optionTable
    .filter((row) => row.help !== undefined)
    .map((row) => [optionUsage(row.names[0] as string, row.value), row.help as string] as const);
  const passed = optionTable
    .filter((row) => row.use === "gdb" && (row.names[0] as string).length < 6)
    .map((row) => `-${row.names[0]}`);
  return [
    "usage: fred-ts gdb [options] [--args] PROGRAM [ARGS…]",
    "",
    renderRows(rows),
    `gdb's own options (${passed.join(" ")} …) are passed on.`,
    "In gdb, fred-help lists the commands that travel in time.",
    "",
  ].join("\n");
}

function optionUsage(name: string, value: string | null): string {
  const dashes = name.length > 2 && name !== "batch" ? "--" : "-";
  return value === null ? `${dashes}${name}` : `${dashes}${name} ${value}`;
}

function renderRows(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}\n`).join("");
}
