/** Signal numbers: Linux's ↔ gdb's own (gdb/include/gdb/signals.def). */

/** [Linux x86-64, gdb]; real-time signals are computed. */
const signalPairs: readonly (readonly [number, number])[] = [
  [1, 1], // SIGHUP
  [2, 2], // SIGINT
  [3, 3], // SIGQUIT
  [4, 4], // SIGILL
  [5, 5], // SIGTRAP
  [6, 6], // SIGABRT
  [7, 10], // SIGBUS
  [8, 8], // SIGFPE
  [9, 9], // SIGKILL
  [10, 30], // SIGUSR1
  [11, 11], // SIGSEGV
  [12, 31], // SIGUSR2
  [13, 13], // SIGPIPE
  [14, 14], // SIGALRM
  [15, 15], // SIGTERM
  [17, 20], // SIGCHLD
  [18, 19], // SIGCONT
  [19, 17], // SIGSTOP
  [20, 18], // SIGTSTP
  [21, 21], // SIGTTIN
  [22, 22], // SIGTTOU
  [23, 16], // SIGURG
  [24, 24], // SIGXCPU
  [25, 25], // SIGXFSZ
  [26, 26], // SIGVTALRM
  [27, 27], // SIGPROF
  [28, 28], // SIGWINCH
  [29, 23], // SIGIO
  [30, 32], // SIGPWR
  [31, 12], // SIGSYS
  [32, 77], // __SIGRTMIN (glibc's own): GDB_SIGNAL_REALTIME_32
  [64, 78], // SIGRTMAX: GDB_SIGNAL_REALTIME_64
];

const gdbRealtime33 = 45;
/** GDB_SIGNAL_UNKNOWN. */
const gdbUnknown = 143;

const fromLinux = new Map(signalPairs);
const fromGdb = new Map(signalPairs.map(([linux, gdb]) => [gdb, linux]));

export function gdbSignalOf(linux: number): number {
  if (linux === 0) return 0;
  if (linux >= 33 && linux <= 63) return gdbRealtime33 + (linux - 33);
  return fromLinux.get(linux) ?? gdbUnknown;
}

/** 0 when Linux has no such signal. */
export function linuxSignalOf(gdb: number): number {
  if (gdb >= gdbRealtime33 && gdb <= gdbRealtime33 + 30) return gdb - gdbRealtime33 + 33;
  return fromGdb.get(gdb) ?? 0;
}
