/** The options of `fred-ts gdb`: gdb's own (gdb 13 --help) and ours. Parsing, help and completion read this table. */

export type OptionUse =
  /** Given to gdb as it is. */
  | "gdb"
  /** Run by the shim, statement by statement. */
  | "statement"
  | "file"
  | "batch"
  | "args"
  | "directory"
  | "terminal"
  | "program"
  /** Debugging something that was not recorded from its start. */
  | "refused"
  | "help"
  | "version"
  /** The value is checked by gdbOptions.ts. */
  | "own";

export interface OptionRow {
  /** The first name is the one that gdb is given and that help shows. */
  readonly names: readonly string[];
  readonly value: string | null;
  readonly use: OptionUse;
  readonly help?: string;
}

export const optionTable: readonly OptionRow[] = [
  {
    names: ["ex", "eval-command"],
    value: "CMD",
    use: "statement",
    help: "run the gdb command CMD (may be repeated)",
  },
  { names: ["x", "command"], value: "FILE", use: "file", help: "run the gdb commands in FILE" },
  { names: ["batch"], value: null, use: "batch", help: "end after the commands; the exit status is gdb's" },
  { names: ["batch-silent"], value: null, use: "batch" },
  {
    names: ["args"],
    value: null,
    use: "args",
    help: "what follows is the program and its arguments",
  },
  { names: ["cd"], value: "DIR", use: "directory", help: "run in DIR" },
  { names: ["tty"], value: "TTY", use: "terminal", help: "terminal of the program" },
  {
    names: ["gdb"],
    value: "PATH",
    use: "own",
    help: "the gdb to use (default: gdb)",
  },
  {
    names: ["checkpoint-hz"],
    value: "N",
    use: "own",
    help: "checkpoints per second while the program runs (default 10; 0: only at stops)",
  },
  {
    names: ["tracker"],
    value: "NAME",
    use: "own",
    help: "how changed pages are found: auto, pagemap-scan or compare",
  },
  {
    names: ["allow-side-effects"],
    value: null,
    use: "own",
    help: "keep what functions called by print change",
  },
  { names: ["se", "exec"], value: "FILE", use: "program" },
  { names: ["e"], value: "FILE", use: "program" },
  { names: ["core", "c"], value: "COREFILE", use: "refused" },
  { names: ["pid", "p"], value: "PID", use: "refused" },
  { names: ["help", "h"], value: null, use: "help" },
  { names: ["version", "v"], value: null, use: "version" },
  { names: ["q", "quiet", "silent"], value: null, use: "gdb" },
  { names: ["iex", "init-eval-command"], value: "CMD", use: "gdb" },
  { names: ["ix", "init-command"], value: "FILE", use: "gdb" },
  { names: ["eiex", "early-init-eval-command"], value: "CMD", use: "gdb" },
  { names: ["eix", "early-init-command"], value: "FILE", use: "gdb" },
  { names: ["nx", "n"], value: null, use: "gdb" },
  { names: ["nh"], value: null, use: "gdb" },
  { names: ["d", "directory"], value: "DIR", use: "gdb" },
  { names: ["D", "data-directory"], value: "DIR", use: "gdb" },
  { names: ["s", "symbols"], value: "FILE", use: "gdb" },
  { names: ["r", "readnow"], value: null, use: "gdb" },
  { names: ["readnever"], value: null, use: "gdb" },
  { names: ["write"], value: null, use: "gdb" },
  { names: ["f", "fullname"], value: null, use: "gdb" },
  { names: ["i", "interpreter", "ui"], value: "INTERP", use: "gdb" },
  { names: ["w", "windows"], value: null, use: "gdb" },
  { names: ["nw", "nowindows"], value: null, use: "gdb" },
  { names: ["tui"], value: null, use: "gdb" },
  { names: ["dbx"], value: null, use: "gdb" },
  { names: ["return-child-result"], value: null, use: "gdb" },
  { names: ["b"], value: "BAUDRATE", use: "gdb" },
  { names: ["l"], value: "TIMEOUT", use: "gdb" },
];
