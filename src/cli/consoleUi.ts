/** What a fred command shows, on gdb's console: lines as they come, progress in one line that replaces itself. */
import type { CommandUi } from "../fred/ui.ts";
import type { CommandConsole } from "./timeMachine.ts";

/** Faster changes cannot be read, and each one is a round trip to gdb. */
const progressIntervalMs = 100;
const clearLine = "\r\u001b[K";

export function consoleUi(console: CommandConsole, signal: AbortSignal): CommandUi {
  const isTerminal = process.stdout.isTTY === true;
  let hasProgress = false;
  let lastProgressMs = Number.NEGATIVE_INFINITY;
  const clear = async () => {
    if (hasProgress) await console.print(clearLine);
    hasProgress = false;
  };
  return {
    signal,
    width: process.stdout.columns || 80,
    print: async (text) => {
      await clear();
      await console.print(`${text}\n`);
    },
    progress: (text) => {
      if (!isTerminal) return;
      if (text === null) void clear().catch(() => {});
      else if (performance.now() - lastProgressMs >= progressIntervalMs) {
        lastProgressMs = performance.now();
        hasProgress = true;
        void console.print(`${clearLine}${text}`).catch(() => {});
      }
    },
    source: (file) => console.runScript(file),
  };
}
