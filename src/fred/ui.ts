/** What fred needs of whoever shows its words: a terminal, VS Code, or nobody. */

export interface CommandUi {
  /** One or more whole lines for the user. */
  print(text: string): void | Promise<void>;
  /** What a search of more than a second is doing, in one line that the next one replaces; null: it is over. */
  progress(text: string | null): void;
  /** Aborted by ^C: the command goes back to where the user was. */
  readonly signal: AbortSignal;
  /** Columns of the terminal. */
  readonly width: number;
  /** Reads commands from a file as the debugger does, fred's own among them. */
  source(file: string): Promise<void>;
}
