/** A branch that changes nothing goes on as the recorded run did: what the kernel keeps, and input read before, are as they were. */
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, it } from "vitest";
import type { TargetName } from "../targets/index.ts";
import { Random, seed } from "./random.ts";
import { type Program, program, Recording, recordable, render } from "./recording.ts";

const branches = 6;

/** What the rest of their runs depends on is outside, and was changed by the rest of the run. */
const outside: readonly TargetName[] = [
  "file_directory",
  "file_mmap",
  "file_roundtrip",
  "file_stdio",
  "pipe_self",
  "thread_pipe",
  "thread_cancel",
  "signal_restart",
  "socket_pair",
  "signal_timer_busy",
  "signal_profile",
  "poll_timeout",
  "syscalls",
];

/** The signal that waits at the present position; undefined for none. */
async function waitingSignal({ engine }: Recording): Promise<{ signal?: number }> {
  const info = Buffer.from(await engine.readSiginfo());
  return info.length >= 4 ? { signal: info.readInt32LE(0) } : {};
}

async function branchesEndAlike(what: Program): Promise<void> {
  await using recording = await Recording.launch(what);
  const { engine } = recording;
  const { start, head, end } = await recording.record();
  const whole = recording.output();
  await engine.densify({ from: start.id, to: head.id, count: 40 });
  await engine.restore(head.id);
  const { past } = await engine.timeline();
  const random = new Random(seed);
  for (let branch = 0; branch < branches; branch++) {
    const { id, event } = random.pick(past.slice(1, -1));
    await engine.restore(id);
    await engine.startBranch();
    const stop = await recording.resume({ mode: "continue", ...(await waitingSignal(recording)) });
    expect({ ...stop, event: 0 }, `from event ${event}: ${render(stop)}`).toMatchObject({
      kind: end.kind,
      pc: end.pc,
    });
    // A file that is written from the old position on ends up with the same contents.
    expect(recording.output(), `from event ${event}`).toBe(whole);
    await engine.restore(head.id);
  }
}

it.each(recordable.filter((name) => !outside.includes(name)))(
  `%s: branches from random states end alike, seed ${seed}`,
  async (name) => {
    await branchesEndAlike(program(name));
  },
);

it.each(["kernel_state", "input_lines", "input_chars", "input_scanf"] as const)(
  `%s: input from a pipe is fed again, seed ${seed}`,
  async (name) => {
    const folder = mkdtempSync(path.join(tmpdir(), "fred-pipe-"));
    const pipe = path.join(folder, "pipe");
    const writer = spawn("sh", ["-c", 'mkfifo "$0" && cat > "$0"', pipe], {
      stdio: ["pipe", "ignore", "inherit"],
    });
    try {
      const { stdin, ...rest } = program(name);
      writer.stdin.end(stdin ?? "");
      await expect.poll(() => existsSync(pipe)).toBe(true);
      await branchesEndAlike({ ...rest, stdinPath: pipe });
    } finally {
      writer.kill("SIGKILL");
      rmSync(folder, { recursive: true, force: true });
    }
  },
);
