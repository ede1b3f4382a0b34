/** A program's arguments and redirections as the user's shell makes them of a command line: gdb starts programs by a shell. */
import { spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import type { Readable } from "node:stream";
import type { Redirection } from "../engine/engine.ts";
import { FredError } from "../errors.ts";
import type { ParsedArguments } from "./redirections.ts";

export interface ShellSurroundings {
  readonly shell: string;
  readonly cwd: string;
  /** "NAME=value" strings; the whole environment. */
  readonly env: readonly string[];
}

const deadlineMs = 30_000;

/**
 * Stands where the program would: tells how many arguments it got, those, and where descriptors 0, 1 and 2 lead. No single
 * quote may be in it. Only the ends of pipelines are redirected: dash redirects its own descriptor for a simple command.
 */
const witness = [
  'printf "%s\\0" $# "$@" >&3',
  'for fd in 0 1 2; do readlink -z /proc/$$/fd/$fd | cat >&3; grep flags /proc/$$/fdinfo/$fd | tr "\\n" "\\0" >&3; done',
].join("; ");

/** What descriptor 1 leads to unless it is redirected; 0 and 2 lead to sockets then. */
const plainOutput = "/dev/full";

/** `*.c "$HOME" >out` → the names, the folder, one redirection. Files of redirections are opened (and emptied) by the shell already. */
export async function startByShell(line: string, surroundings: ShellSurroundings): Promise<ParsedArguments> {
  const told = await tell(line, surroundings);
  const count = Number(told[0]);
  const ends = told.slice(1 + count, 1 + count + 6);
  const links = [ends[0], ends[2], ends[4]].map((link) => link ?? "");
  const flags = [ends[1], ends[3], ends[5]].map((text) =>
    Number.parseInt(/\d+/u.exec(text ?? "")?.[0] ?? "0", 8),
  );
  const redirections = links.flatMap((_, fd) => redirectionOf(fd, links, flags[fd] as number, line));
  return { args: told.slice(1, 1 + count), redirections };
}

async function tell(line: string, { shell, cwd, env }: ShellSurroundings): Promise<readonly string[]> {
  const output = openSync(plainOutput, "w");
  const child = spawn(shell, ["-c", `exec /bin/sh -c '${witness}' sh ${line}`], {
    cwd,
    env: Object.fromEntries(env.map((text) => [text.split("=", 1)[0], text.slice(text.indexOf("=") + 1)])),
    stdio: ["pipe", output, "pipe", "pipe"],
    timeout: deadlineMs,
  });
  closeSync(output);
  child.stdin?.end();
  const ended = new Promise<string | null>((resolve) => {
    child.on("error", (error) => resolve(error.message));
    child.on("close", () => resolve(null));
  });
  const [failure, errors, told] = await Promise.all([
    ended,
    textOf(child.stderr as Readable),
    textOf(child.stdio[3] as Readable),
  ]);
  if (told === "") throw new FredError("shellRefused", { shell, why: failure ?? errors.trim() });
  return told.split("\0");
}

async function textOf(stream: Readable): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

function redirectionOf(
  fd: number,
  links: readonly string[],
  flags: number,
  line: string,
): readonly Redirection[] {
  const link = links[fd] as string;
  const isSocket = link.startsWith("socket:");
  if (fd === 0 ? isSocket : fd === 1 ? link === plainOutput : isSocket && link !== links[0]) return [];
  if (fd === 1 && isSocket) return [{ fd, target: 2, mode: "duplicate" }];
  if (fd === 2 && link === links[1]) return [{ fd, target: 1, mode: "duplicate" }];
  if (!link.startsWith("/") || link.endsWith(" (deleted)")) throw new FredError("noPipes", { line });
  return [{ fd, target: link, mode: modeOf(flags) }];
}

/** Linux: O_WRONLY 1, O_RDWR 2, O_APPEND 02000. */
function modeOf(flags: number): "read" | "write" | "append" {
  if ((flags & 0o2000) !== 0) return "append";
  return (flags & 0o3) === 0 ? "read" : "write";
}
