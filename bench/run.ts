/** Measures the rows (all, or those named as arguments) and prints one table. Ends with 1 only when a row could not be measured. */
import { type Measurement, type Row, rows } from "./rows.ts";

const columns = [40, 22, 12, 12, 18, 8, 0] as const;

function line(cells: readonly string[]): string {
  return cells
    .map((cell, index) => cell.padEnd(columns[index] ?? 0))
    .join("")
    .trimEnd();
}

function renderMs(ms: number): string {
  if (ms >= 1000) return `${(ms / 1000).toFixed(2)} s`;
  if (ms >= 1) return `${ms.toFixed(1)} ms`;
  return `${(ms * 1000).toFixed(1)} us`;
}

function renderRatio(ratio: number): string {
  return ratio < 100 ? `${ratio.toFixed(3)} x` : `${Math.round(ratio).toLocaleString("en")} x`;
}

function renderRow(row: Row, m: Measurement): string {
  return line([
    row.name,
    m.baseMs === null ? "" : `${renderMs(m.baseMs)} ${row.base}`,
    renderMs(m.oursMs),
    m.ratio === null ? "" : renderRatio(m.ratio),
    row.goal,
    row.isMet === null ? "" : row.isMet(m) ? "met" : "MISSED",
    m.note ?? "",
  ]);
}

const wanted = process.argv.slice(2);
const unknown = wanted.filter((key) => !rows.some((row) => row.key === key));
if (unknown.length > 0) {
  console.error(`no such row: ${unknown.join(", ")}; rows: ${rows.map((row) => row.key).join(", ")}`);
  process.exit(2);
}

console.log(line(["measured", "compared with", "fred-ts", "ratio", "goal", ""]));
for (const row of rows.filter((row) => wanted.length === 0 || wanted.includes(row.key))) {
  try {
    console.log(renderRow(row, await row.measure()));
  } catch (error) {
    process.exitCode = 1;
    console.log(line([row.name, "", "FAILED"]));
    console.error(error instanceof Error ? error.message : error);
  }
}
