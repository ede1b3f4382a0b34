/**
 * Bytes between the user's terminal, the debugger's and the program's: at the prompt keys go to the debugger, while the
 * program runs to the program, except ^C, which the debugger turns into a stop. What the program has written is shown
 * after the debugger's "Continuing." and before its report of the stop.
 */
import type { UserTerminal } from "./userTerminal.ts";

interface Terminal {
  write(bytes: Buffer): void;
  resize(columns: number, rows: number): void;
}

export interface DebuggerTerminal extends Terminal {
  onOutput(listener: (bytes: Buffer) => void): void;
  /** What the debugger has written and nobody has read yet. */
  readNow(): Buffer;
}

export interface ProgramTerminal extends Terminal {
  onBytes(listener: (bytes: Buffer) => void): void;
  /** What the program has written and nobody has read yet. */
  readNow(): Buffer;
}

const controlC = 0x03;
const controlZ = 0x1a;

export class PassThrough {
  readonly #user: UserTerminal;
  readonly #debugger: DebuggerTerminal;
  #program: ProgramTerminal | null = null;
  #programRuns = false;
  readonly #interrupted: () => void;

  /** `interrupted`: told of each ^C; the debugger gets it too, but may lose it between two steps of a fred command. */
  constructor(user: UserTerminal, debuggerTerminal: DebuggerTerminal, interrupted: () => void) {
    this.#interrupted = interrupted;
    this.#user = user;
    this.#debugger = debuggerTerminal;
    debuggerTerminal.onOutput((bytes) => {
      this.showProgramOutput();
      user.write(bytes);
    });
  }

  /** `lost`: the user's terminal has been closed. */
  start(lost: () => void): void {
    this.#user.start({
      lost,
      keys: (bytes) => this.#route(bytes),
      resized: (size) => {
        this.#debugger.resize(size.columns, size.rows);
        this.#program?.resize(size.columns, size.rows);
      },
    });
  }

  connectProgram(program: ProgramTerminal): void {
    this.#program = program;
    program.onBytes((bytes) => this.#user.write(bytes));
  }

  setProgramRuns(runs: boolean): void {
    this.#programRuns = runs;
  }

  /** Called when the debugger has asked for a resume, before the program runs. */
  showDebuggerOutput(): void {
    const bytes = this.#debugger.readNow();
    if (bytes.length > 0) this.#user.write(bytes);
  }

  showProgramOutput(): void {
    const bytes = this.#program?.readNow();
    if (bytes !== undefined && bytes.length > 0) this.#user.write(bytes);
  }

  #route(bytes: Buffer): void {
    if (bytes.includes(controlC)) this.#interrupted();
    if (!this.#programRuns || this.#program === null) {
      if (bytes.length === 1 && bytes[0] === controlZ) this.#user.suspend();
      else this.#debugger.write(bytes);
      return;
    }
    let start = 0;
    for (let at = 0; at <= bytes.length; at++) {
      if (at < bytes.length && bytes[at] !== controlC) continue;
      if (at > start) this.#program.write(Buffer.from(bytes.subarray(start, at)));
      if (at < bytes.length) this.#debugger.write(Buffer.from([controlC]));
      start = at + 1;
    }
  }
}
