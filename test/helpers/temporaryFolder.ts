/** For vitest's globalSetup: a temporary directory of this run's own, in which nothing may be left at the end. */
import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isAlive } from "../../src/cli/privateDirectory.ts";

const name = /^fred-test-(\d+)$/u;

export default function setup(): () => void {
  const outer = tmpdir();
  for (const entry of readdirSync(outer)) {
    const owner = name.exec(entry)?.[1];
    if (owner !== undefined && !isAlive(Number(owner)))
      rmSync(join(outer, entry), { recursive: true, force: true });
  }
  const folder = join(outer, `fred-test-${process.pid}`);
  mkdirSync(folder);
  // Workers inherit it, and os.tmpdir() reads it.
  process.env.TMPDIR = folder;
  return () => {
    const left = readdirSync(folder);
    rmSync(folder, { recursive: true, force: true });
    if (left.length > 0) throw new Error(`tests have left in the temporary directory: ${left.join(", ")}`);
  };
}
