/**
 * The machine interface beside the user's console (`new-ui mi3 PTY`): gdb's notifications, never commands.
 *
 * chevrotain takes 0.3 s to load, so lines are only classed by their first word as they arrive and parsed when someone
 * asks; `*running` and `*stopped` need no parser.
 */
import { deferred } from "../deferred.ts";
import { LineReader } from "../lineReader.ts";
import { BreakpointTable, type GdbBreakpoint } from "./breakpointTable.ts";
import { noStop, readStopped, type StoppedFacts } from "./stopped.ts";

/** The master side of a pty in raw mode. */
export interface MiSource {
  onText(listener: (text: string) => void): void;
}

const loadParser = () => import("./parser.ts");
const keptStops = 64;
const keptBreakpointLines = 1000;

export class MiChannel {
  readonly #table = new BreakpointTable();
  readonly #runListeners: ((isRunning: boolean) => void)[] = [];
  readonly #lines = new LineReader();
  #stopCount = 0;
  /** Stops that the shim has counted and gdb has not told here. */
  #missing = 0;
  /** Texts of the last `*stopped` lines; the last one has number `#stopCount`. */
  #stops: string[] = [];
  #breakpointLines: string[] = [];
  #waiters: { readonly count: number; wake(): void }[] = [];

  constructor(source: MiSource) {
    source.onText((text) => this.#receive(text));
  }

  /** Called at every `*running` and `*stopped`. */
  onRunState(listener: (isRunning: boolean) => void): void {
    this.#runListeners.push(listener);
  }

  get stopCount(): number {
    return this.#stopCount;
  }

  /**
   * The last stop once `told` stops have come, as the shim counts them; "other" when there was none after `since`, or none
   * came in time. Stops that never come are not waited for again.
   */
  async stopAfter(since: number, told: number, deadlineMs = 1000): Promise<StoppedFacts> {
    const count = told - this.#missing;
    if (count <= since) return noStop;
    if (this.#stopCount < count) await this.#wait(count, deadlineMs);
    if (this.#stopCount < count) this.#missing += count - this.#stopCount;
    const line = this.#stops[this.#stops.length - 1 - (this.#stopCount - count)];
    if (line === undefined || this.#stopCount < count) return noStop;
    const { parseMiRecord } = await loadParser();
    return readStopped(parseMiRecord(line));
  }

  async breakpoints(): Promise<readonly GdbBreakpoint[]> {
    await this.#readBreakpoints();
    return this.#table.rows;
  }

  async #wait(count: number, deadlineMs: number): Promise<void> {
    const arrived = deferred<void>();
    const timer = setTimeout(() => arrived.resolve(), deadlineMs);
    this.#waiters.push({ count, wake: () => arrived.resolve() });
    await arrived.promise;
    clearTimeout(timer);
    this.#waiters = this.#waiters.filter((waiter) => waiter.count > this.#stopCount);
  }

  #receive(text: string): void {
    for (const line of this.#lines.push(text)) this.#classify(line);
  }

  #classify(line: string): void {
    const head = /^\d*([*=][a-z-]+)/u.exec(line)?.[1];
    if (head === "*stopped") this.#stopped(line);
    else if (head === "*running") for (const listener of this.#runListeners) listener(true);
    else if (head?.startsWith("=breakpoint-")) this.#breakpointChanged(line);
  }

  #stopped(line: string): void {
    this.#stopCount++;
    this.#stops.push(line);
    if (this.#stops.length > keptStops) this.#stops.shift();
    for (const listener of this.#runListeners) listener(false);
    for (const waiter of this.#waiters) if (waiter.count <= this.#stopCount) waiter.wake();
  }

  #breakpointChanged(line: string): void {
    this.#breakpointLines.push(line);
    if (this.#breakpointLines.length > keptBreakpointLines) void this.#readBreakpoints();
  }

  async #readBreakpoints(): Promise<void> {
    const { parseMiRecord } = await loadParser();
    const lines = this.#breakpointLines;
    this.#breakpointLines = [];
    for (const line of lines) this.#table.apply(parseMiRecord(line));
  }
}
