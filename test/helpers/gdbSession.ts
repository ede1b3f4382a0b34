/** Runs `gdb -batch` against an RspServer and returns what it printed. */
import { spawn } from "node:child_process";
import { once } from "node:events";

export interface GdbRun {
  readonly socket: string;
  readonly program: string;
  readonly commands: readonly string[];
  /** Called when a line of gdb's output holds the key. */
  readonly onText?: Readonly<Record<string, () => void>>;
  readonly timeoutMs?: number;
}

/** stdout and stderr together. gdb's own settings files are not read. */
export async function runGdb(run: GdbRun): Promise<string> {
  const setup = [
    "set confirm off",
    "set width 0",
    "set sysroot /",
    "set debuginfod enabled off",
    `set remote exec-file ${run.program}`,
    `target extended-remote ${run.socket}`,
  ];
  const args = ["-nx", "-batch", ...[...setup, ...run.commands].flatMap((c) => ["-ex", c]), run.program];
  const gdb = spawn("gdb", args, { stdio: ["ignore", "pipe", "pipe"], timeout: run.timeoutMs ?? 50_000 });
  let output = "";
  const seen = new Set<string>();
  const take = (chunk: Buffer) => {
    output += chunk.toString();
    for (const [text, call] of Object.entries(run.onText ?? {}))
      if (!seen.has(text) && output.includes(text)) {
        seen.add(text);
        call();
      }
  };
  gdb.stdout.on("data", take);
  gdb.stderr.on("data", take);
  await once(gdb, "close");
  return output;
}
