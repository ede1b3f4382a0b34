/** How gdb is started for fred-ts: its arguments, its environment, and the files of the shim. */
import { fileURLToPath } from "node:url";

export interface GdbLaunch {
  /** gdb's own options as the user gave them, without -ex and -x. */
  readonly options: readonly string[];
  /** Absolute path of the program to debug; null: none given. */
  readonly program: string | null;
  readonly programArguments: readonly string[];
  readonly socketPath: string;
}

/** From src/… and from dist/… alike: the package root is four folders above `fred/backend/gdb/`. */
const shimPath = fileURLToPath(
  new URL("../../../../src/fred/backend/gdb/shim/fred_shim.py", import.meta.url),
);

/**
 * -eiex runs before the user's init files, so they can overrule it; -ix before the program is loaded; the first -ex after.
 */
export function gdbArguments(launch: GdbLaunch): readonly string[] {
  const program = launch.program === null ? [] : ["--args", launch.program, ...launch.programArguments];
  return [
    "-eiex",
    "set history save on",
    ...launch.options,
    "-ix",
    shimPath,
    "-ex",
    "python fred_session.start()",
    ...program,
  ];
}

export function gdbEnvironment(launch: GdbLaunch): Record<string, string> {
  return { ...definedEnvironment(), FRED_TS_SOCKET: launch.socketPath };
}

function definedEnvironment(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}
