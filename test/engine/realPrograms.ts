/** Programs of Debian as debuggees, with little work each. */
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import type { Program } from "./recording.ts";

interface RealProgram {
  readonly name: string;
  readonly isInstalled: boolean;
  readonly what: () => Program;
}

function real(name: string, args: readonly string[], stdin: string): RealProgram {
  const path = `/usr/bin/${name}`;
  return {
    name,
    isInstalled: existsSync(path),
    what: () => ({ path, argv: [path, ...args], stdin }),
  };
}

const text = Array.from({ length: 3000 }, (_, i) => `line ${i} ${(i * 7919) % 1009}`).join("\n");
const sql =
  "create table t(a, b); with recursive c(x) as (select 1 union all select x+1 from c where x<500) insert into t select x, x*x from c; select sum(b) from t;";
const sumOfSecond = '{ s[$2 % 7] += $3 } END { for (i = 0; i < 7; i++) printf "%d ", s[i]; print "" }';
const lua =
  "local t = {} for i = 1, 3000 do t[i] = i * 7919 % 1009 end table.sort(t) print(t[1], t[3000], #table.concat(t, ' '))";

export const realPrograms: readonly RealProgram[] = [
  real("gzip", ["-c", "-n"], text),
  real("bc", ["-q"], "scale=40\nsqrt(2)\n2^200\nquit\n"),
  real("sqlite3", [":memory:", sql], ""),
  real("gawk", [sumOfSecond], text),
  real("mawk", [sumOfSecond], text),
  real("lua5.4", ["-e", lua], ""),
];

/** What a program writes without a debugger. */
export function nativeOutput({ path, argv, stdin }: Program): string {
  return execFileSync(path, argv.slice(1), {
    input: stdin ?? "",
    encoding: "latin1",
    env: { PATH: "/usr/bin:/bin", LANG: "C" },
  });
}
