/** Whole sessions in a real terminal with the real gdb and the real engine, as a user types them. */
import { execFileSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, expect, test } from "vitest";
import { buildTargets } from "../helpers/targets.ts";
import { play } from "../helpers/transcript.ts";

const folder = join(dirname(fileURLToPath(import.meta.url)), "golden");

beforeAll(() => {
  buildTargets();
  execFileSync("make", ["-s", "-C", join(folder, "../../../examples")]);
});

test.each(readdirSync(folder).sort())(
  "%s goes as it is written",
  async (name) => {
    const { expected, actual } = await play(join(folder, name));
    expect(actual).toBe(expected);
  },
  180_000,
);
