/** Files of this machine opened by gdb (vFile), for reading only. */
import {
  closeSync,
  constants,
  fstatSync,
  openSync,
  readlinkSync,
  readSync,
  type Stats,
  statSync,
} from "node:fs";

/** gdb keeps few files open at a time. */
const maxOpenFiles = 256;

export class HostFiles {
  readonly #open = new Set<number>();

  /** Throws the system's error. O_NONBLOCK: a FIFO must not stop the server. */
  open(path: string): number {
    if (this.#open.size >= maxOpenFiles) throw Object.assign(new Error("too many files"), { code: "EMFILE" });
    const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
    this.#open.add(fd);
    return fd;
  }

  read(fd: number, length: number, offset: number): Buffer {
    this.#check(fd);
    const buffer = Buffer.alloc(length);
    let filled = 0;
    // Files of /proc give a page at a time.
    while (filled < length) {
      const count = readSync(fd, buffer, filled, length - filled, offset + filled);
      if (count === 0) break;
      filled += count;
    }
    return buffer.subarray(0, filled);
  }

  stat(fd: number): Stats {
    this.#check(fd);
    return fstatSync(fd);
  }

  statPath(path: string): Stats {
    return statSync(path);
  }

  readLink(path: string): string {
    return readlinkSync(path);
  }

  close(fd: number): void {
    this.#check(fd);
    this.#open.delete(fd);
    closeSync(fd);
  }

  closeAll(): void {
    for (const fd of this.#open) closeSync(fd);
    this.#open.clear();
  }

  #check(fd: number): void {
    if (!this.#open.has(fd)) throw Object.assign(new Error("bad descriptor"), { code: "EBADF" });
  }
}
