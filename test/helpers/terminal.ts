/** A user at a terminal: drives a program through a pty, waits for what it shows, never sleeps. */
import * as nodePty from "node-pty";

export interface TerminalOptions {
  readonly columns?: number;
  readonly rows?: number;
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
}

const defaultDeadlineMs = 20_000;

export class Terminal {
  readonly #pty: nodePty.IPty;
  readonly #exited: Promise<{ code: number; signal: number }>;
  readonly #waiters = new Set<() => void>();
  #shown = "";
  /** Everything before this index has been matched by `expect`. */
  #matched = 0;
  #hasExited = false;

  private constructor(pty: nodePty.IPty) {
    this.#pty = pty;
    pty.onData((text) => {
      this.#shown += text;
      for (const wake of this.#waiters) wake();
    });
    this.#exited = new Promise((resolve) => {
      pty.onExit(({ exitCode, signal }) => {
        this.#hasExited = true;
        for (const wake of this.#waiters) wake();
        resolve({ code: exitCode, signal: signal ?? 0 });
      });
    });
  }

  static start(file: string, words: readonly string[], options: TerminalOptions = {}): Terminal {
    const env = { ...process.env, TERM: "xterm", HOME: options.cwd ?? process.cwd(), ...options.env };
    return new Terminal(
      nodePty.spawn(file, [...words], {
        cols: options.columns ?? 200,
        rows: options.rows ?? 50,
        cwd: options.cwd ?? process.cwd(),
        env,
        name: "xterm",
      }),
    );
  }

  get pid(): number {
    return this.#pty.pid;
  }

  /** All that was shown so far, control sequences included. */
  get shown(): string {
    return this.#shown;
  }

  /** Waits until `pattern` is shown after the last match; returns what came before it and the match, control sequences removed. */
  async expect(pattern: string | RegExp, deadlineMs = defaultDeadlineMs): Promise<string> {
    const found = await this.#until(() => this.#find(pattern), deadlineMs, String(pattern));
    return found;
  }

  /** Types a line and Enter. */
  send(line: string): void {
    this.#pty.write(`${line}\r`);
  }

  /** Types keys as they are: "\x03" is ^C, "\t" completes. */
  press(keys: string): void {
    this.#pty.write(keys);
  }

  /** Types a gdb command at the prompt; returns what it printed up to the next prompt. */
  async command(
    line: string,
    prompt: string | RegExp = "(gdb) ",
    deadlineMs = defaultDeadlineMs,
  ): Promise<string> {
    this.send(line);
    const text = await this.expect(prompt, deadlineMs);
    const body = text.slice(0, text.lastIndexOf(typeof prompt === "string" ? prompt : "\n"));
    // The echo of what was typed is the first line.
    const echo = body.indexOf("\n");
    return body.slice(echo + 1).trimEnd();
  }

  resize(columns: number, rows: number): void {
    this.#pty.resize(columns, rows);
  }

  kill(signal: string): void {
    this.#pty.kill(signal);
  }

  /** The window is closed, without a signal of ours: the kernel tells those who use the terminal. */
  close(): void {
    // node-pty's types do not show destroy().
    (this.#pty as unknown as { destroy(): void }).destroy();
  }

  async exited(deadlineMs = defaultDeadlineMs): Promise<{ code: number; signal: number }> {
    await this.#until(() => (this.#hasExited ? "" : null), deadlineMs, "the end of the program");
    return await this.#exited;
  }

  /** For `afterEach`: nothing survives a test. As closing the window would: SIGHUP, and SIGKILL when that does not help. */
  async dispose(): Promise<void> {
    if (this.#hasExited) return;
    this.#pty.kill("SIGHUP");
    await this.exited(5000).catch(() => this.#pty.kill("SIGKILL"));
  }

  #find(pattern: string | RegExp): string | null {
    const fresh = plain(this.#shown.slice(this.#matched));
    const at = typeof pattern === "string" ? fresh.indexOf(pattern) : fresh.search(pattern);
    if (at < 0) return null;
    const length = typeof pattern === "string" ? pattern.length : (pattern.exec(fresh)?.[0].length ?? 0);
    const text = fresh.slice(0, at + length);
    this.#matched += rawLength(this.#shown.slice(this.#matched), text.length);
    return text;
  }

  #until(check: () => string | null, deadlineMs: number, what: string): Promise<string> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => settle(() => reject(this.#timeout(what, deadlineMs))), deadlineMs);
      const settle = (action: () => void) => {
        clearTimeout(timer);
        this.#waiters.delete(wake);
        action();
      };
      const wake = () => {
        const found = check();
        if (found !== null) settle(() => resolve(found));
        else if (this.#hasExited) settle(() => reject(this.#timeout(what, 0)));
      };
      this.#waiters.add(wake);
      wake();
    });
  }

  #timeout(what: string, deadlineMs: number): Error {
    const why = deadlineMs === 0 ? "the program ended" : `not within ${deadlineMs} ms`;
    return new Error(`waited for ${what}: ${why}; shown last:\n${plain(this.#shown).slice(-2000)}`);
  }
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: terminal control sequences are what this is about
const control = /\x1b\[[0-9;?]*[A-Za-z]|\x1b\][^\x07]*\x07|\x1b[=>]|\r/g;

/** Without control sequences and carriage returns. */
export function plain(text: string): string {
  return text.replace(control, "");
}

/** How many characters of `raw` make the first `length` plain ones. */
function rawLength(raw: string, length: number): number {
  let at = 0;
  let left = length;
  for (const match of raw.matchAll(control)) {
    const run = match.index - at;
    if (left <= run) return at + left;
    left -= run;
    at = match.index + match[0].length;
  }
  return at + left;
}
