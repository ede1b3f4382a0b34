/** A toy program under a real ReversibleDebugger: typed commands go to the toy debugger, fred's to the session. */
import { ReversibleDebugger } from "../../src/fred/session.ts";
import { bodyOf, type ToyAbilities, ToyDebugger } from "./toyDebugger.ts";
import { ToyMachine } from "./toyMachine.ts";
import {
  type ProgramOptions,
  type Random,
  randomFrom,
  randomProgram,
  type ToyFunction,
  type ToyProgram,
} from "./toyProgram.ts";
import { Truth } from "./toyTruth.ts";

export interface ToyOptions {
  readonly program: ToyProgram;
  readonly random: Random;
  readonly abilities?: ToyAbilities;
  readonly finest?: number;
  readonly automaticEvery?: number;
}

export class ToySession {
  readonly machine: ToyMachine;
  readonly debugger: ToyDebugger;
  readonly session: ReversibleDebugger;
  readonly printed: string[] = [];
  readonly progress: string[] = [];
  #clockMs = 0;
  /** Milliseconds that pass at each look at the clock. */
  tickMs = 0;

  constructor(options: ToyOptions) {
    const { program, random, finest = 6, automaticEvery = 40 } = options;
    this.machine = new ToyMachine(program, random, { finest, automaticEvery });
    this.debugger = new ToyDebugger(this.machine, options.abilities);
    const nowMs = () => (this.#clockMs += this.tickMs);
    this.session = new ReversibleDebugger({ debugger: this.debugger, engine: this.machine, nowMs });
  }

  get index(): number {
    return this.machine.index;
  }

  get history(): string {
    const current = this.session.record?.history.current;
    return `[${(current?.entries ?? []).map((entry) => entry.text).join(", ")}]`;
  }

  /** The complete run from here on is recorded, for the truth; the program goes back to where it was. */
  truth(): Truth {
    const states = [...this.machine.line.states];
    return new Truth(this.machine.program, states);
  }

  /** Breaks at `main`'s first statement, as `break main` and `run` do. */
  async begin(): Promise<void> {
    this.breakAt(1);
    await this.type("run");
  }

  breakAt(functionIndex: number): void {
    const { program } = this.machine;
    this.debugger.breakpoints.add(bodyOf(program, program.functions[functionIndex] as ToyFunction));
  }

  /** A debugger command, and the prompt after it. */
  async type(command: string): Promise<void> {
    const before = this.machine.index;
    const poke = /^set var g(\d) = (\d+)$/.exec(command);
    if (poke) {
      if (!this.machine.isAtHead) await this.machine.startBranch();
      this.machine.poke(Number(poke[1]), Number(poke[2]));
    } else if (!/^(break|print)\b/.test(command)) {
      await this.debugger.move(command === "run" ? "continue" : command, {});
    }
    const moved = this.machine.index !== before && !poke;
    await this.session.onPrompt({ commands: [command], moved, changed: poke !== null });
  }

  async fred(line: string, signal: AbortSignal = new AbortController().signal, width = 80): Promise<void> {
    this.printed.length = 0;
    await this.session.run(line, {
      print: (text) => void this.printed.push(text),
      progress: (text) => {
        if (text !== null) this.progress.push(text);
      },
      signal,
      width,
      source: async (file) => void this.printed.push(`sourced ${file}`),
    });
  }
}

/** A random program that runs between `least` and `most` instructions; the seed decides all. */
export function toyFor(
  seed: number,
  options: Partial<ProgramOptions> &
    Partial<Omit<ToyOptions, "program" | "random">> & { least?: number; most?: number } = {},
): { readonly toy: ToySession; readonly random: Random } {
  const random = randomFrom(seed);
  const { hasLibrary = true, hasOneLineLoops = true, least = 60, most = 3000 } = options;
  for (;;) {
    const program = randomProgram(random, { hasLibrary, hasOneLineLoops });
    if (!endsWithin(program, least, most)) continue;
    return { toy: new ToySession({ ...options, program, random }), random };
  }
}

function endsWithin(program: ToyProgram, least: number, most: number): boolean {
  const machine = new ToyMachine(program, () => 0, { finest: 1, automaticEvery: 0 });
  for (let count = 0; count <= most; count++) if (!machine.advance()) return count >= least;
  return false;
}
