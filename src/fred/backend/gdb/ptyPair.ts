/**
 * A pseudo-terminal whose slave somebody else opens by its path.
 *
 * node-pty's public API only spawns programs; its native `open(columns, rows)` is openpty(3). We keep our own slave
 * descriptor open, so the master never sees a hang-up (EIO) when the last user of the slave goes away.
 */
import { readSync, writeSync } from "node:fs";
import { ReadStream } from "node:tty";
import * as nodePty from "node-pty";

interface NativePty {
  open(
    columns: number,
    rows: number,
  ): { readonly master: number; readonly slave: number; readonly pty: string };
  resize(descriptor: number, columns: number, rows: number): void;
}

const native = (nodePty as unknown as { readonly native: NativePty }).native;

export class PtyPair {
  /** Path of the slave, /dev/pts/N. */
  readonly path: string;
  readonly #master: number;
  readonly #slave: ReadStream;
  readonly #stream: ReadStream;
  readonly #unwritten: Buffer[] = [];
  #isClosed = false;

  /** `isRaw`: no echo, no line editing, no signals (for machines). */
  constructor(options: { readonly columns: number; readonly rows: number; readonly isRaw: boolean }) {
    const pair = native.open(options.columns, options.rows);
    this.path = pair.pty;
    this.#master = pair.master;
    this.#slave = new ReadStream(pair.slave);
    if (options.isRaw) this.#slave.setRawMode(true);
    this.#stream = new ReadStream(pair.master);
    this.#stream.on("error", () => {});
    this.#slave.on("error", () => {});
  }

  onBytes(listener: (bytes: Buffer) => void): void {
    this.#stream.on("data", listener);
  }

  onText(listener: (text: string) => void): void {
    const decoder = new TextDecoder();
    this.#stream.on("data", (bytes: Buffer) => listener(decoder.decode(bytes, { stream: true })));
  }

  /** What has been written to the slave and not been read yet, now. */
  readNow(): Buffer {
    return this.#isClosed ? Buffer.alloc(0) : readAvailable(this.#master);
  }

  /** Key presses for the slave; kept while its input queue is full. */
  write(bytes: Buffer): void {
    this.#unwritten.push(bytes);
    this.#flush();
  }

  resize(columns: number, rows: number): void {
    if (!this.#isClosed) native.resize(this.#master, columns, rows);
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#stream.destroy();
    this.#slave.destroy();
  }

  #flush(): void {
    while (this.#unwritten.length > 0 && !this.#isClosed) {
      const first = this.#unwritten[0] as Buffer;
      try {
        const count = writeSync(this.#master, first);
        if (count < first.length) this.#unwritten[0] = first.subarray(count);
        else this.#unwritten.shift();
      } catch {
        setTimeout(() => this.#flush(), 20);
        return;
      }
    }
  }
}

/** What can be read from a non-blocking descriptor without waiting. */
export function readAvailable(descriptor: number): Buffer {
  const parts: Buffer[] = [];
  const chunk = Buffer.alloc(65_536);
  for (;;) {
    try {
      const count = readSync(descriptor, chunk, 0, chunk.length, null);
      if (count === 0) break;
      parts.push(Buffer.from(chunk.subarray(0, count)));
    } catch {
      break;
    }
  }
  return Buffer.concat(parts);
}
