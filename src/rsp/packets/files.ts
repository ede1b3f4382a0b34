/** vFile: gdb reads this machine's files (sysroot "target:", /proc for `info proc`). Read-only. */
import type { Stats } from "node:fs";
import { hexToText, parseAddress, parseCount } from "../hex.ts";
import { escapeBinary } from "../packetCodec.ts";
import { afterDelimiter, type PacketRow } from "../packetRow.ts";
import { packetSize, type Session } from "../session.ts";

/** gdb's own numbers (File-I/O protocol). */
const errorNumbers: Readonly<Record<string, number>> = {
  EPERM: 1,
  ENOENT: 2,
  EINTR: 4,
  EBADF: 9,
  EACCES: 13,
  EFAULT: 14,
  EBUSY: 16,
  EEXIST: 17,
  ENODEV: 19,
  ENOTDIR: 20,
  EISDIR: 21,
  EINVAL: 22,
  ENFILE: 23,
  EMFILE: 24,
  EFBIG: 27,
  ENOSPC: 28,
  ESPIPE: 29,
  EROFS: 30,
  ENAMETOOLONG: 91,
};
const unknownError = 9999;
/** O_WRONLY, O_RDWR, O_APPEND, O_CREAT, O_TRUNC in that protocol. */
const writingFlags = 0x1 | 0x2 | 0x8 | 0x200 | 0x400;
const maxReadLength = packetSize / 2 - 32;

type FileCall = (session: Session, args: readonly string[]) => string;

const calls: Readonly<Record<string, FileCall>> = {
  // Every process is in our own mount namespace.
  setfs: () => success(0),
  open(session, [name, flags]) {
    if ((parseCount(flags ?? "") ?? 0) & writingFlags) return failure("EROFS");
    return success(session.files.open(pathOf(session, name)));
  },
  close(session, [fd]) {
    session.files.close(numberOf(fd));
    return success(0);
  },
  pread(session, [fd, count, offset]) {
    const length = Math.min(numberOf(count), maxReadLength);
    const start = parseAddress(offset ?? "");
    if (start === null) return failure("EINVAL");
    return attached(session.files.read(numberOf(fd), length, Number(start)));
  },
  fstat: (session, [fd]) => attached(renderStat(session.files.stat(numberOf(fd)))),
  stat: (session, [name]) => attached(renderStat(session.files.statPath(pathOf(session, name)))),
  readlink: (session, [name]) => attached(Buffer.from(session.files.readLink(pathOf(session, name)))),
  pwrite: () => failure("EROFS"),
  unlink: () => failure("EROFS"),
};

export const filePackets: readonly PacketRow[] = Object.entries(calls).map(([name, call]) => ({
  name: `vFile:${name}`,
  needs: "nothing",
  run(session, rest) {
    try {
      return call(session, afterDelimiter(rest).split(","));
    } catch (cause) {
      return failure((cause as NodeJS.ErrnoException).code ?? "");
    }
  },
}));

function numberOf(text: string | undefined): number {
  const number = parseCount(text ?? "");
  if (number === null) throw Object.assign(new Error("not a number"), { code: "EINVAL" });
  return number;
}

function textOf(hex: string | undefined): string {
  const text = hexToText(hex ?? "");
  if (text === null || text.includes("\0")) throw Object.assign(new Error("not a name"), { code: "EINVAL" });
  return text;
}

/** The process of a recording has another number here than it had when it was recorded. */
function pathOf(session: Session, hex: string | undefined): string {
  const text = textOf(hex);
  const [, pid, rest = ""] = /^\/proc\/(\d+)(?:\/task\/\d+)?(\/.*)?$/u.exec(text) ?? [];
  const hostPid = session.engine.hostPid();
  const isOurs = pid !== undefined && hostPid !== null && Number(pid) === session.debuggee.stop?.pid;
  return isOurs && Number(pid) !== hostPid ? `/proc/${hostPid}${rest}` : text;
}

function success(result: number): string {
  return `F${result.toString(16)}`;
}

function failure(code: string): string {
  return `F-1,${(errorNumbers[code] ?? unknownError).toString(16)}`;
}

function attached(bytes: Uint8Array): string {
  return `F${bytes.length.toString(16)};${escapeBinary(bytes)}`;
}

/** struct fio_stat: 64 bytes, big-endian. */
function renderStat(stat: Stats): Buffer {
  const out = Buffer.alloc(64);
  const fields = [stat.dev, stat.ino, stat.mode, stat.nlink, stat.uid, stat.gid, stat.rdev];
  fields.forEach((value, i) => {
    out.writeUInt32BE(value % 2 ** 32, 4 * i);
  });
  out.writeBigUInt64BE(BigInt(stat.size), 28);
  out.writeBigUInt64BE(BigInt(stat.blksize), 36);
  out.writeBigUInt64BE(BigInt(stat.blocks), 44);
  [stat.atimeMs, stat.mtimeMs, stat.ctimeMs].forEach((ms, i) => {
    out.writeUInt32BE(Math.floor(ms / 1000) % 2 ** 32, 52 + 4 * i);
  });
  return out;
}
