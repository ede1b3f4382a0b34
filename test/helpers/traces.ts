/** What a run of fred-ts leaves behind: its processes, known by a variable of their environment, and its temporary files. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const variable = "FRED_TEST_RUN";
const pollMs = 20;

export interface TracedProcess {
  readonly pid: number;
  readonly name: string;
}

let runCount = 0;

export class Traces {
  /** TMPDIR of the run. */
  readonly temporary = mkdtempSync(join(tmpdir(), "traces-"));
  readonly env: Readonly<Record<string, string>>;
  readonly #mark: string;

  constructor() {
    const value = `${process.pid}-${runCount++}`;
    this.#mark = `${variable}=${value}`;
    this.env = { [variable]: value, TMPDIR: this.temporary };
  }

  /** Every process of the run that lives; all their children inherit the environment. */
  processes(): readonly TracedProcess[] {
    return readdirSync("/proc")
      .filter((name) => /^\d+$/u.test(name))
      .flatMap((name) => {
        try {
          const marks = readFileSync(`/proc/${name}/environ`, "latin1").split("\0");
          if (!marks.includes(this.#mark)) return [];
          return [{ pid: Number(name), name: readFileSync(`/proc/${name}/comm`, "utf8").trim() }];
        } catch {
          return []; // it has just gone, or belongs to somebody else
        }
      });
  }

  /** The process of that name; waits for it. */
  async process(name: string, deadlineMs = 10_000): Promise<number> {
    const find = () => this.processes().find((each) => each.name === name)?.pid;
    await this.#until(() => find() !== undefined, deadlineMs);
    const pid = find();
    if (pid === undefined) throw new Error(`no process ${name} of ${JSON.stringify(this.processes())}`);
    return pid;
  }

  /** Waits until nothing is left (of the processes: those that count); then tells what is. */
  async left(deadlineMs: number, counts: (pid: number) => boolean = () => true): Promise<readonly string[]> {
    const all = () => [
      ...this.processes().flatMap(({ pid, name }) => (counts(pid) ? [name] : [])),
      ...readdirSync(this.temporary),
    ];
    await this.#until(() => all().length === 0, deadlineMs);
    return all();
  }

  /** For `afterEach`: what a failed test has left is ended. */
  dispose(): void {
    for (const { pid } of this.processes()) {
      try {
        process.kill(pid, "SIGKILL");
      } catch {} // it has just gone
    }
    rmSync(this.temporary, { recursive: true, force: true });
  }

  async #until(holds: () => boolean, deadlineMs: number): Promise<void> {
    const deadline = performance.now() + deadlineMs;
    while (!holds() && performance.now() < deadline) await new Promise((wake) => setTimeout(wake, pollMs));
  }
}
