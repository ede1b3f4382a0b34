/** The targets themselves: each does natively what its row says, so that a difference under fred-ts is fred-ts's. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, test } from "vitest";
import {
  buildTargets,
  cpuSupports,
  lineOf,
  spacedTargetPath,
  target,
  targetPath,
} from "../helpers/targets.ts";
import { type TargetName, targetNames } from "./index.ts";

const here = dirname(fileURLToPath(import.meta.url));

beforeAll(buildTargets);

function titleOf(name: TargetName): string {
  return cpuSupports(name)
    ? name
    : `${name} (skipped: this processor lacks ${target(name).needs.join(", ")})`;
}

describe("a target run without a debugger ends and prints as its row says", () => {
  for (const name of targetNames) {
    const row = target(name);
    test.skipIf(!cpuSupports(name))(titleOf(name), () => {
      const env = { ...process.env };
      delete env.FRED_TARGET;
      const cwd = mkdtempSync(join(tmpdir(), "target-"));
      const run = spawnSync(targetPath(name), row.args, {
        input: row.stdin,
        encoding: "utf8",
        cwd,
        env,
        timeout: 20_000,
      });
      rmSync(cwd, { recursive: true });
      const exit = run.signal ? { signal: run.signal } : { code: run.status };
      expect({ exit, stdout: run.stdout }).toEqual({ exit: row.exit, stdout: row.stdout });
    });
  }
});

test("every source in the folder has a row and every row has a source", () => {
  const sources = readdirSync(here).filter((file) => /\.cc?$/.test(file));
  expect(targetNames.map((name) => target(name).source).sort()).toEqual(sources.sort());
});

test("a marker is found by name and a marker that is not there is an error", () => {
  expect(lineOf("list_sort", "sorting")).toBeGreaterThan(1);
  expect(() => lineOf("list_sort", "no such marker")).toThrow('no marker "no such marker"');
});

test("the optimised, static, stripped and spaced variants print the same", () => {
  const paths = [
    ...(["", ".O2", ".static", ".nopie", ".nodebug", ".stripped"] as const).map((variant) =>
      targetPath("list_sort", variant),
    ),
    spacedTargetPath(),
  ];
  for (const path of paths) {
    const run = spawnSync(path, { encoding: "utf8" });
    expect(run.stdout, join(path)).toBe(target("list_sort").stdout);
  }
});
