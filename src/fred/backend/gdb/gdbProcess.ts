/** The gdb process: in a pty of its own when the user has a terminal, else on our standard streams. */
import { spawn } from "node:child_process";
import { constants } from "node:os";
import * as nodePty from "node-pty";
import { deferred } from "./deferred.ts";
import { readAvailable } from "./ptyPair.ts";

export interface ExitStatus {
  readonly code: number;
  /** Number of the signal that killed gdb; 0: none. */
  readonly signal: number;
}

export interface DebuggerProcess {
  readonly pid: number;
  readonly exited: Promise<ExitStatus>;
  /** Ends gdb; it may clean up. */
  kill(signal: NodeJS.Signals): void;
}

export interface DebuggerInTerminal extends DebuggerProcess {
  onOutput(listener: (bytes: Buffer) => void): void;
  /** What gdb has written and nobody has read yet. */
  readNow(): Buffer;
  write(bytes: Buffer): void;
  resize(columns: number, rows: number): void;
}

interface Program {
  readonly path: string;
  readonly arguments: readonly string[];
  readonly environment: Record<string, string>;
}

export function startInTerminal(
  program: Program,
  size: { readonly columns: number; readonly rows: number },
): DebuggerInTerminal {
  const pty = nodePty.spawn(program.path, [...program.arguments], {
    cols: size.columns,
    rows: size.rows,
    cwd: process.cwd(),
    env: program.environment,
    name: program.environment.TERM ?? "dumb",
    encoding: null,
  });
  const exited = deferred<ExitStatus>();
  let isOver = false;
  pty.onExit(({ exitCode, signal }) => {
    isOver = true;
    exited.resolve({ code: exitCode, signal: signal ?? 0 });
  });
  return {
    pid: pty.pid,
    exited: exited.promise,
    kill: (signal) => {
      if (!isOver) pty.kill(signal);
    },
    // With encoding null node-pty emits Buffers; its types do not say so.
    onOutput: (listener) => void pty.onData((bytes) => listener(bytes as unknown as Buffer)),
    // node-pty's types do not show the master's descriptor.
    readNow: () => (isOver ? Buffer.alloc(0) : readAvailable((pty as unknown as { readonly fd: number }).fd)),
    write: (bytes) => pty.write(bytes as unknown as string),
    resize: (columns, rows) => pty.resize(columns, rows),
  };
}

export function startInherited(program: Program): DebuggerProcess {
  const child = spawn(program.path, program.arguments, { stdio: "inherit", env: program.environment });
  const exited = deferred<ExitStatus>();
  child.on("error", () => exited.resolve({ code: 127, signal: 0 }));
  child.on("exit", (code, signal) =>
    exited.resolve({ code: code ?? 0, signal: signal === null ? 0 : (constants.signals[signal] ?? 0) }),
  );
  return { pid: child.pid ?? -1, exited: exited.promise, kill: (signal) => void child.kill(signal) };
}
