/** A directory of this process's own for its sockets (0700), removed whatever ends us; leftovers of killed ones are swept. */
import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import type { Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FredError } from "../errors.ts";

const sweepAgeMs = 24 * 3600 * 1000;
const prefix = "fred-ts-";
/** sun_path of a unix socket holds 107 bytes. */
const longestPath = 107 - "/gdb.sock".length;

export function makePrivateDirectory(): string {
  const base = tmpdir().length + 40 < longestPath ? tmpdir() : "/tmp";
  const path = makeIn(base);
  sweep(base);
  process.on("exit", () => rmSync(path, { recursive: true, force: true }));
  removeAfterKill(path);
  return path;
}

function makeIn(base: string): string {
  try {
    return mkdtempSync(join(base, `${prefix}${process.pid}-`));
  } catch (error) {
    const cause = error as NodeJS.ErrnoException;
    throw new FredError(
      "socketFailed",
      { path: base, why: reasons[cause.code ?? ""] ?? cause.message },
      { cause },
    );
  }
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: "no such directory",
  ENOTDIR: "it is no directory",
  EACCES: "permission denied",
  EROFS: "it is read-only",
  ENOSPC: "the disk is full",
};

/** SIGKILL leaves us no time: a shell that waits for the end of its input, which our end is, removes the directory. */
function removeAfterKill(path: string): void {
  const script = 'read -r _; rm -rf -- "$0"';
  const stdio = ["pipe", "ignore", "ignore"] as const;
  // A session of its own, so that neither ^C nor a signal to our process group reaches it.
  const watcher = spawn("/bin/sh", ["-c", script, path], { stdio: [...stdio], detached: true, cwd: "/" });
  watcher.on("error", () => {});
  watcher.unref();
  (watcher.stdin as Socket).unref();
}

/** Removes the directories of processes that are gone (killed by SIGKILL). */
function sweep(base: string): void {
  for (const name of namesIn(base)) {
    const owner = /^fred-ts-(\d+)-\w{6}$/u.exec(name)?.[1];
    if (owner === undefined || isAlive(Number(owner))) continue;
    try {
      // In a container that shares /tmp the number may be that of a process we cannot see: only old ones go.
      if (Date.now() - statSync(join(base, name)).mtimeMs < sweepAgeMs) continue;
      rmSync(join(base, name), { recursive: true });
    } catch {}
  }
}

function namesIn(directory: string): readonly string[] {
  try {
    return readdirSync(directory);
  } catch {
    return []; // others may write there, but not look
  }
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
