/** What a fred command shows, on gdb's console: lines as they come, progress in one line that replaces itself. */
import type { CommandUi } from "../fred/ui.ts";
import type { CommandConsole } from "./timeMachine.ts";

const clearLine = "\r\u001b[K";

export function consoleUi(console: CommandConsole, signal: AbortSignal): CommandUi {
  const isTerminal = process.stdout.isTTY === true;
  let hasProgress = false;
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
      else {
        hasProgress = true;
        void console.print(`${clearLine}${text}`).catch(() => {});
      }
    },
    source: (file) => console.runScript(file),
  };
}
