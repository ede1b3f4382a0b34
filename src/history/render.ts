/** Histories as text, in FReD's form: `[*ckpt 1*, break 30, continue]`. */
import type { Branch } from "./branches.ts";
import type { Entry } from "./entry.ts";

/** Commands before the position, and in a second line those after it. */
export function renderHistory(branch: Branch): string {
  const lines = [renderEntries(branch.entries)];
  if (branch.ahead.length > 0) lines.push(`ahead: ${renderEntries(branch.ahead)}`);
  return lines.join("\n");
}

export function renderEntries(entries: readonly Entry[]): string {
  const texts = entries.map((entry) => entry.text.replaceAll(/\s*\n\s*/gu, "; "));
  return `[${texts.join(", ")}]`;
}

/** As the FReD papers print it: only what was typed since the last checkpoint. */
export function renderSinceCheckpoint(branch: Branch): string {
  const last = branch.entries.findLastIndex((entry) => entry.kind === "checkpoint");
  return renderEntries(branch.entries.slice(last + 1));
}

/** The tree of branches, one line each, the current one marked. */
export function renderBranches(branches: readonly Branch[], current: Branch): readonly string[] {
  return branches.map((branch) => {
    const mark = branch === current ? "*" : " ";
    const origin = branch.parent === null ? "" : ` (left ${branch.parent.name} at c${branch.parent.at})`;
    const count = branch.entries.length;
    const ahead = branch.ahead.length === 0 ? "" : `, ${branch.ahead.length} ahead`;
    return `${mark} ${branch.name}${origin}: ${count} command${count === 1 ? "" : "s"}${ahead}, at c${branch.here}`;
  });
}
