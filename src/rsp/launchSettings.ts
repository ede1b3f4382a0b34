/** How the next program is started: the owner's defaults, gdb's Q packets, and the arguments of vRun. */
import type { LaunchOptions } from "../engine/engine.ts";
import { parseRedirections, plainWord } from "./redirections.ts";
import { splitAsGdb, splitShellWords } from "./shellWords.ts";

export interface LaunchDefaults {
  readonly tty: string | null;
  readonly checkpointHz: number;
  readonly tracker: LaunchOptions["tracker"];
  readonly cwd?: string;
}

export class LaunchSettings {
  defaults: LaunchDefaults = { tty: null, checkpointHz: 10, tracker: "auto" };
  disableAslr = true;
  /** gdb's `startup-with-shell`: without it `<` and `>` are ordinary arguments. */
  isShellLike = true;
  /** From QSetWorkingDir; null: the default. */
  cwd: string | null = null;
  /**
   * The arguments as typed (`show args`), quotes included: vRun's words have lost theirs. Used while they say the same; else
   * newer arguments stood behind `run` itself.
   */
  commandLine: string | null = null;
  readonly #baseEnv: Readonly<Record<string, string | undefined>>;
  readonly #envChanges = new Map<string, string | null>();
  #last: { readonly path: string; readonly words: readonly string[] } | null = null;

  constructor(baseEnv: Readonly<Record<string, string | undefined>>) {
    this.#baseEnv = baseEnv;
  }

  setEnv(assignment: string): void {
    const [name, ...value] = assignment.split("=");
    if (name !== undefined && name !== "") this.#envChanges.set(name, value.join("="));
  }

  unsetEnv(name: string): void {
    this.#envChanges.set(name, null);
  }

  resetEnv(): void {
    this.#envChanges.clear();
  }

  /** Null when neither `path` nor an earlier run names a program. */
  toLaunchOptions(path: string, words: readonly string[]): LaunchOptions | null {
    const program = path === "" ? this.#last?.path : path;
    if (program === undefined) return null;
    this.#last = { path: program, words };
    const cwd = this.cwd ?? this.defaults.cwd ?? process.cwd();
    const { args, redirections } = this.#parseArguments(words, cwd);
    return {
      path: program,
      argv: [program, ...args],
      env: this.#environment(),
      cwd,
      disableAslr: this.disableAslr,
      tty: this.defaults.tty,
      redirections,
      checkpointHz: this.defaults.checkpointHz,
      tracker: this.defaults.tracker,
    };
  }

  /** The program of the last vRun again (packet R). */
  relaunchOptions(): LaunchOptions | null {
    return this.#last === null ? null : this.toLaunchOptions(this.#last.path, this.#last.words);
  }

  #parseArguments(
    words: readonly string[],
    cwd: string,
  ): Pick<LaunchOptions, "redirections"> & { args: readonly string[] } {
    if (!this.isShellLike) return { args: words, redirections: [] };
    const sent = this.commandLine === null ? [] : splitAsGdb(this.commandLine);
    const isSame = sent.length === words.length && sent.every((word, index) => word === words[index]);
    const typed = isSame ? splitShellWords(this.commandLine ?? "") : null;
    return parseRedirections(typed ?? words.map(plainWord), cwd);
  }

  #environment(): string[] {
    const env = new Map<string, string>();
    for (const [name, value] of Object.entries(this.#baseEnv)) if (value !== undefined) env.set(name, value);
    for (const [name, value] of this.#envChanges) {
      if (value === null) env.delete(name);
      else env.set(name, value);
    }
    return [...env].map(([name, value]) => `${name}=${value}`);
  }
}
