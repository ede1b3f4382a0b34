/** The user's terminal: raw while we pass bytes through, given back as it was whatever happens. */
import type { ReadStream, WriteStream } from "node:tty";

export interface TerminalSize {
  readonly columns: number;
  readonly rows: number;
}

export class UserTerminal {
  readonly #input: ReadStream;
  readonly #output: WriteStream;

  constructor(input: ReadStream, output: WriteStream) {
    this.#input = input;
    this.#output = output;
    // Also after process.exit() in the middle of something, and after an uncaught error.
    process.on("exit", () => this.restore());
  }

  /** A terminal that does not know its size (0 × 0) counts as 80 × 24. */
  get size(): TerminalSize {
    return { columns: this.#output.columns || 80, rows: this.#output.rows || 24 };
  }

  /** `lost` may be called more than once: EIO and the end of the input both tell that the terminal has been closed. */
  start(listeners: { keys(bytes: Buffer): void; resized(size: TerminalSize): void; lost(): void }): void {
    for (const event of ["end", "error"]) this.#input.on(event, listeners.lost);
    this.#output.on("error", listeners.lost);
    this.#input.setRawMode(true);
    this.#input.on("data", listeners.keys);
    this.#output.on("resize", () => listeners.resized(this.size));
  }

  write(bytes: Buffer): void {
    this.#output.write(bytes);
  }

  restore(): void {
    if (this.#input.isRaw && !this.#input.destroyed) this.#input.setRawMode(false);
    this.#input.pause();
  }

  /** Stops fred-ts as a shell's job (^Z at the prompt); goes on when the shell continues it. */
  suspend(): void {
    this.#input.setRawMode(false);
    process.once("SIGCONT", () => this.#input.setRawMode(true));
    process.kill(process.pid, "SIGTSTP");
  }
}
