/** What must happen whatever ends us: children are killed, the terminal is given back (its own module), files go. */
import { closeSync } from "node:fs";
import { constants } from "node:os";
import { isatty } from "node:tty";
import type { DebuggerProcess } from "../fred/backend/gdb/gdbProcess.ts";

const quitDeadlineMs = 700;

/** Runs `action` when this process exits for any reason but SIGKILL. */
export function onDeath(action: () => void): void {
  process.on("exit", () => {
    try {
      action();
    } catch {}
  });
}

export interface Ending {
  /** The exit status that a signal (or the end of the terminal) means; null: none has come. */
  readonly status: number | null;
  /** As if the signal had come. */
  end(signal: EndingSignal): void;
}

type EndingSignal = "SIGTERM" | "SIGHUP" | "SIGQUIT";
const endingSignals = ["SIGTERM", "SIGHUP", "SIGQUIT"] as const;

/** Those signals end gdb first (it saves its history); when it takes too long we go, and `onDeath` ends it. */
export function endOnSignals(endGdb: () => void): Ending {
  let status: number | null = null;
  const end = (signal: EndingSignal) => {
    if (status !== null) return;
    const code = 128 + constants.signals[signal];
    status = code;
    endGdb();
    setTimeout(() => process.exit(code), quitDeadlineMs).unref();
  };
  for (const signal of endingSignals) process.on(signal, () => end(signal));
  return {
    get status() {
      return status;
    },
    end,
  };
}

/**
 * Node gives terminals their modes back when it exits, and aborts when that fails (node 20: CHECK in ResetStdio) because the
 * terminal has been closed. A descriptor that is closed it leaves alone. Call this before others that act at the end.
 */
export function outliveTerminal(): void {
  const terminals = [0, 1, 2].filter((descriptor) => isatty(descriptor));
  for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {});
  process.on("exit", () => {
    for (const descriptor of terminals) if (!isatty(descriptor)) closeSync(descriptor);
  });
}

/** Asks gdb to end, and makes it when it does not. */
export async function killAtEnd(gdb: DebuggerProcess | null): Promise<void> {
  if (gdb === null) return;
  let isOver = false;
  const over = gdb.exited.then(() => {
    isOver = true;
  });
  await Promise.race([over, Promise.resolve()]);
  if (isOver) return;
  gdb.kill("SIGHUP");
  const timer = setTimeout(() => gdb.kill("SIGKILL"), quitDeadlineMs);
  await over;
  clearTimeout(timer);
}
