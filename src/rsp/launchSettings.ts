/** How the next program is started: the owner's defaults, gdb's Q packets, and the arguments of vRun. */
import type { LaunchOptions } from "../engine/engine.ts";
import { type ParsedArguments, parseRedirections } from "./redirections.ts";
import { startByShell } from "./shellStart.ts";
import { splitWords } from "./shellWords.ts";

export interface LaunchDefaults {
  readonly tty: string | null;
  readonly checkpointHz: number;
  readonly tracker: LaunchOptions["tracker"];
  readonly cwd?: string;
  /** Opened in place of a start of the program. */
  readonly recording?: string | null;
}

export class LaunchSettings {
  defaults: LaunchDefaults = { tty: null, checkpointHz: 10, tracker: "auto" };
  disableAslr = true;
  /** gdb's `startup-with-shell`: without it `<` and `>` are ordinary arguments. */
  isShellLike = true;
  /** From QSetWorkingDir; null: `directory`. */
  cwd: string | null = null;
  /** gdb's own; null: the default. */
  directory: string | null = null;
  /** The arguments as typed, for the shell: vRun's words have lost their quotes. Used when it says the same as they do. */
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
  async toLaunchOptions(path: string, words: readonly string[]): Promise<LaunchOptions | null> {
    const program = path === "" ? this.#last?.path : path;
    if (program === undefined) return null;
    this.#last = { path: program, words };
    const cwd = this.cwd ?? this.directory ?? this.defaults.cwd ?? process.cwd();
    const env = this.#environment();
    const { args, redirections } = await this.#parseArguments(words, cwd, env);
    return {
      path: program,
      argv: [program, ...args],
      env,
      cwd,
      disableAslr: this.disableAslr,
      tty: this.defaults.tty,
      redirections,
      checkpointHz: this.defaults.checkpointHz,
      tracker: this.defaults.tracker,
    };
  }

  /** The program of the last vRun again (packet R). */
  async relaunchOptions(): Promise<LaunchOptions | null> {
    return this.#last === null ? null : await this.toLaunchOptions(this.#last.path, this.#last.words);
  }

  async #parseArguments(
    words: readonly string[],
    cwd: string,
    env: readonly string[],
  ): Promise<ParsedArguments> {
    if (!this.isShellLike) return { args: words, redirections: [] };
    const line = this.commandLine;
    if (line === null || splitWords(line).join("\0") !== words.join("\0"))
      return parseRedirections(words, cwd);
    // Nothing in it means more to a shell than to us.
    if (/^[\w\s./:,@%+-]*$/u.test(line)) return { args: words, redirections: [] };
    // As gdb does (startup_inferior).
    return await startByShell(line, { shell: this.#baseEnv.SHELL || "/bin/sh", cwd, env });
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
