// `fred-ts gdb` without engine and server: gdb keeps its native target, and fred's part is a log file and three commands.
// Usage: node test/helpers/nativeGdb.mjs LOGFILE gdb-options…   (needs dist/)
import { appendFileSync } from "node:fs";
import { runGdbCommand } from "../../dist/cli/gdbCommand.js";

const [logFile, ...words] = process.argv.slice(2);
const log = (entry) => appendFileSync(logFile, `${JSON.stringify(entry)}\n`);
const row = (name, aliases, completion) => ({ name, aliases, completion, summary: `${name} summary.`, help: `More about ${name}.` });
let debuggerOf = null;
let consoleOf = null;

const scripts = {
  "fred-moves": async (argument, signal) => {
    for (const command of argument.split(";")) {
      const outcome = await debuggerOf.move(command.trim(), { signal });
      log({ outcome: { ...outcome, output: undefined } });
    }
    await consoleOf.print(await debuggerOf.describeFrame());
  },
  "fred-evaluate": async (argument) => {
    const bound = await debuggerOf.bind(argument);
    await consoleOf.print(`${JSON.stringify(await debuggerOf.evaluate(bound, {}))}\n`);
  },
  "fred-look": async () => {
    const where = await debuggerOf.where();
    const lines = where.kind === "at" ? await debuggerOf.lineTable(where.place.pc) : [];
    log({ where, lines, callers: await debuggerOf.callers() });
  },
  "fred-wait": async (_argument, signal) => {
    await consoleOf.print("waiting\n");
    // ^C may have come while the line was printed.
    if (!signal.aborted) await new Promise((resolve) => signal.addEventListener("abort", resolve));
    await consoleOf.print("cancelled\n");
  },
  "fred-source": async (argument) => await consoleOf.runScript(argument),
  "fred-fail": async () => {
    throw new Error("this failed; try again.");
  },
};

const time = {
  commands: Object.keys(scripts).map((name) => row(name, [name.slice(5), "next"], "expression")),
  target: { stageTravel() {}, restoreUnseen: async () => "alive", setLimit() {}, interrupt() {}, forgetInterrupt() {} },
  listen: async () => "",
  setTerminal: (path) => log({ terminal: path }),
  connect: (parts) => {
    debuggerOf = parts.debugger;
    consoleOf = parts.console;
  },
  command: async (name, argument, signal) => await scripts[name](argument, signal),
  prompt: async (report) => log({ prompt: report }),
  scratch: async (phase) => log({ scratch: phase }),
  close: async () => log({ closed: true }),
};
BigInt.prototype.toJSON = function () {
  return `0x${this.toString(16)}`;
};
try {
  process.exit(await runGdbCommand(words, async () => time));
} catch (error) {
  process.stderr.write(`fred-ts: ${error.message}\n`);
  process.exit(1);
}
