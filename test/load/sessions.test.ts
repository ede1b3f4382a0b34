/**
 * The terminal under load: many sessions at once on few cores, each started cold, with ^C at a random moment of a search.
 * SESSIONS says how many in all, AT_ONCE how many at a time; a miss shows what every process of its session was doing.
 */
import { existsSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { buildTargets, targetPath } from "../helpers/targets.ts";
import { Terminal } from "../helpers/terminal.ts";
import { fredTs } from "../helpers/transcript.ts";

const sessions = Number(process.env.SESSIONS ?? 64);
const atOnce = Number(process.env.AT_ONCE ?? 8);
const deadlineMs = 60_000;
/** ^C comes so many milliseconds after the call that never ends has begun; every third at once. */
const latestQuitMs = 6;

function read(path: string): string {
  try {
    return readFileSync(path, "utf8").trim();
  } catch {
    return "(gone)";
  }
}

/** Of a process and all below it: what each thread waits for, and the signals that wait or are blocked. */
function describeProcesses(pid: number): string {
  const threads = readdirSync(`/proc/${pid}/task`).map(
    (tid) =>
      `${tid} ${read(`/proc/${tid}/comm`)}: ${read(`/proc/${tid}/wchan`)} ${read(`/proc/${tid}/syscall`)}`,
  );
  const signals = read(`/proc/${pid}/status`)
    .split("\n")
    .filter((line) => /^(State|SigPnd|ShdPnd|SigBlk|TracerPid)/.test(line));
  const output = ["0", "1", "2"].map((fd) => readlinkSync(`/proc/${pid}/fd/${fd}`));
  const children = threads.length
    ? read(`/proc/${pid}/task/${pid}/children`).split(" ").filter(Boolean).map(Number)
    : [];
  return [...threads, ...signals, output.join(" "), ...children.map(describeProcesses)].join("\n");
}

async function cancelledSearch(round: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "fred-load-"));
  const begun = join(folder, "begun");
  const terminal = Terminal.start(fredTs, ["gdb", "-q", "-nx", targetPath("watch_names")], {
    env: { UNENDING_BEGINS: begun },
  });
  const quitAfterMs = round % 3 === 0 ? 0 : Math.random() * latestQuitMs;
  try {
    await terminal.expect("(gdb) ", deadlineMs);
    await terminal.command("break twice if x == 3", "(gdb) ", deadlineMs);
    const stopped = await terminal.command("run", "(gdb) ", deadlineMs);
    expect(stopped).toContain("Breakpoint 1, twice (x=3)");
    terminal.send("fred-reverse-watch unending()");
    await expect.poll(() => existsSync(begun), { timeout: deadlineMs, interval: 1 }).toBe(true);
    if (quitAfterMs > 0) await new Promise((resolve) => setTimeout(resolve, quitAfterMs));
    terminal.press("\x03");
    await terminal.expect("fred-reverse-watch cancelled: you are where you were.", deadlineMs);
    await terminal.expect("(gdb) ", deadlineMs);
    expect(await terminal.command("print x", "(gdb) ", deadlineMs)).toBe("$1 = 3");
  } catch (error) {
    throw new Error(
      `session ${round}, ^C after ${quitAfterMs.toFixed(2)} ms\n${describeProcesses(terminal.pid)}`,
      {
        cause: error,
      },
    );
  } finally {
    await terminal.dispose();
    rmSync(folder, { recursive: true });
  }
}

test(`${sessions} cold sessions, ${atOnce} at a time, each cancelled in a search`, async () => {
  buildTargets();
  let round = 0;
  const worker = async () => {
    while (round < sessions) await cancelledSearch(round++);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}, 3_600_000);
