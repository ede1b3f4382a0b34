/** What must happen whatever ends us: children are killed, the terminal is given back (its own module), files go. */
import { constants } from "node:os";
import type { DebuggerProcess } from "../fred/backend/gdb/gdbProcess.ts";

const quitDeadlineMs = 2000;

/** Runs `action` when this process exits for any reason but SIGKILL. */
export function onDeath(action: () => void): void {
  process.on("exit", () => {
    try {
      action();
    } catch {}
  });
}

/** SIGTERM and SIGHUP end gdb first (it then ends the program). The function returned tells the status they mean, or null. */
export function endOnSignals(endGdb: () => void): () => number | null {
  let status: number | null = null;
  for (const name of ["SIGTERM", "SIGHUP"] as const) {
    process.on(name, () => {
      const code = 128 + constants.signals[name];
      status = code;
      endGdb();
      setTimeout(() => process.exit(code), quitDeadlineMs).unref();
    });
  }
  // ^C at a terminal goes to gdb as well, which acts on it.
  process.on("SIGINT", () => {});
  return () => status;
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
