/** Every program in this folder as one row: how to run it, what it needs, and how it ends without a debugger. */

/** A CPU feature the program asks CPUID for (it prints "skipped: …" without it), or something fred-ts may not record yet. */
export type Need = "avx" | "avx2" | "avx512" | "x87" | "timers" | "fork" | "exec" | "attach" | "compat";

export type Exit = { readonly code: number } | { readonly signal: string };

export interface Target {
  readonly name: string;
  /** Its source, relative to this folder. */
  readonly source: string;
  readonly args: readonly string[];
  readonly stdin: string;
  readonly needs: readonly Need[];
  readonly exit: Exit;
  /** All it writes to stdout, natively. Some names contain what no two runs share; those are only in variables, not here. */
  readonly stdout: string;
}

type Row = Partial<Omit<Target, "name" | "stdout">> & { readonly stdout: string };

const rows = {
  arguments: {
    args: ["plain", "two words", "", "'quoted' \"twice\"", "$HOME *"],
    stdout: "[plain]\n[two words]\n[]\n['quoted' \"twice\"]\n[$HOME *]\n5 arguments\n",
  },
  avx: { needs: ["avx"], stdout: "dot 6129.0\n" },
  avx2: { needs: ["avx2"], stdout: "sum 25313 polynomial 35.002\n" },
  avx512: { needs: ["avx512"], stdout: "sum 39309 survives 1\n" },
  bug_array: { stdout: "limit 0\n" },
  bug_list: { stdout: "list ok: 0\n" },
  bug_pointer: { stdout: "a fine lXXXX text 0\n" },
  bug_struct: { stdout: "ages together 149\n" },
  call_compat: { needs: ["compat"], stdout: "before\nsame 1\n" },
  calls_rare: { stdout: "5, none 1, hidden 0, same 1, dbZ, 8 message, 7 source\n" },
  clocks: { stdout: "rising 1 agree 1 year 1 cpu 1\n" },
  code_generated: { stdout: "sum 2997\n" },
  compute: { args: ["20"], stdout: "20 rounds, checksum 1441816726234524427\n" },
  compute_memory: { args: ["1"], stdout: "sum 3497383649325\n" },
  constructor: { stdout: "3\n" },
  control_flow: { stdout: "63 100\n" },
  cpp_containers: { source: "cpp_containers.cc", stdout: "12 numbers, sum 92, the=3, and=2, 1120\n" },
  cpp_exceptions: { source: "cpp_exceptions.cc", stdout: "outer around bottom, destroyed 115, sum 6\n" },
  cpp_overloads: { source: "cpp_overloads.cc", stdout: "450 475 1\n" },
  cpp_random_device: { source: "cpp_random_device.cc", stdout: "600 throws, draws differ 1\n" },
  cpp_templates: { source: "cpp_templates.cc", stdout: "60 jhi 9 int other\n" },
  cpp_threads: { source: "cpp_threads.cc", stdout: "500500 500500 from the other side 1\n" },
  cpp_through_c: { source: "cpp_through_c.cc", stdout: "caught at 12, then sorted 0..9\n" },
  cpp_virtual: { source: "cpp_virtual.cc", stdout: "total 70 squares 4\n" },
  crash_abort: { exit: { signal: "SIGABRT" }, stdout: "90\n60\n10\n" },
  crash_divide: { exit: { signal: "SIGFPE" }, stdout: "4\n6\n12\n" },
  crash_overflow: { exit: { signal: "SIGSEGV" }, stdout: "" },
  crash_segv: { exit: { signal: "SIGSEGV" }, stdout: "1\n2\n3\n" },
  crash_uncaught: { source: "crash_uncaught.cc", exit: { signal: "SIGABRT" }, stdout: "0\n1\n2\n" },
  descriptors_full: { stdout: "all 1, sum 215, none left 1\n" },
  dynamic_load: { stdout: "1.0 absent 1\n" },
  environment: { stdout: "FRED_TARGET=(unset)\nnow changed by the program itself, some variables: 1\n" },
  exit_code: { exit: { code: 7 }, stdout: "at exit\n" },
  exit_direct: { exit: { code: 3 }, stdout: "leaving\n" },
  exit_killed: { exit: { signal: "SIGKILL" }, stdout: "0\n1\n2\n" },
  exit_signal: { exit: { signal: "SIGTERM" }, stdout: "before\n" },
  file_directory: { stdout: "apple 5\nfig 3\npear 4\nquince 6\n4 files\n" },
  file_mapped_write: { stdout: "aaaAAABpBCCCDDDEEE 0\nAB\n" },
  file_mmap: {
    stdout: "file: through the shared view\nprivate: only in the private view\nshared start: 0\n",
  },
  file_roundtrip: { stdout: "read back: file\nat last: hello, FILE\nappe\n" },
  file_stdio: { stdout: "1999 lines, sum 249875.000, last ' 249.875', first char 1\n" },
  heap_big: { stdout: "sum 357\n" },
  heap_churn: { stdout: "live 261619 peak 313568 seed 1152798456\n" },
  hot_loop: { stdout: "total 1299998, noticed at 200000\n" },
  identity: { stdout: "pid 1, Linux, cwd 1, exe identity, uid 1, files 1, processors 1, page 4096\n" },
  input_chars: { stdin: "abc 123\nx9\n", stdout: "4 letters, 4 digits, 2 lines\n" },
  input_lines: {
    stdin: "first\nthe second line\n\nquit\nnot read\n",
    stdout: "> 1: 5 letters: first\n> 2: 15 letters: the second line\n> 3: 0 letters: \n> 3 lines\n",
  },
  input_scanf: { stdin: "1 2 3\n40\n\n-6 end\n", stdout: "5 numbers, sum 40\n" },
  kernel_state: {
    stdin: Array.from({ length: 12 }, (_, i) => `word${i}\n`).join(""),
    stdout: [
      "1 word0: a- users 1 mask 22 blocked 0 timer 0 in top flags 0 null -1 descriptor 0 more 1",
      "2 word1: ba users 2 mask 22 blocked 0 timer 0 in top flags 0 null -1 descriptor 0 more 1",
      "3 word2: cb users 3 mask 22 blocked 0 timer 0 in top flags 0 null -1 descriptor -1 more 1",
      "4 word3: dc users 4 mask 27 blocked 0 timer 0 in top flags 0 null -1 descriptor -1 more 1",
      "5 word4: ed users 4 mask 27 blocked 1 timer 0 in top flags 0 null -1 descriptor -1 more 1",
      "6 word5: fe users 4 mask 27 blocked 1 timer 1 in top flags 0 null -1 descriptor -1 more 1",
      "7 word6: gf users 4 mask 27 blocked 1 timer 1 in below flags 0 null -1 descriptor -1 more 1",
      "8 word7: hg users 4 mask 27 blocked 1 timer 1 in below flags 0 null 0 descriptor 0 more 1",
      "9 word8: ih users 4 mask 27 blocked 1 timer 1 in below flags 0 null 0 descriptor 0 more 1",
      "10 word9: ji users 4 mask 27 blocked 1 timer 1 in below flags 1 null 0 descriptor 0 more 1",
      "11 word10: kj users 4 mask 27 blocked 1 timer 1 in below flags 1 null 0 descriptor 0 more 1",
      "12 word11: lk users 4 mask 27 blocked 1 timer 1 in below flags 1 null 0 descriptor 0 more 0",
      "12 lines",
      "",
    ].join("\n"),
  },
  jump_set: { stdout: "5 attempts, back from depth 30 of 30\n" },
  list_sort: {
    stdout:
      "0 1 2 3 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31 32 33 34 35 36 37 38 39 40\n",
  },
  loop_short: { stdout: "20001\n" },
  math_float: { stdout: "0.459276920 1 266.0405 1 1 4.414214\n" },
  math_x87: { needs: ["x87"], stdout: "2.718281828459045 4.141592653589793 1.414213562373 0x37f\n" },
  memory_advise: { stdout: "sum 217\n" },
  memory_attached: { needs: ["attach"], stdout: "attached\n" },
  memory_brk: { stdout: "sum 15 zeros 20480 restored 1\n" },
  memory_dirty: { stdout: "20000 pages written\n" },
  memory_grows_down: { stdout: "grown 1, sum 820\n" },
  memory_limits: { stdout: "sum 190, too large 1, none left 1\n" },
  memory_protect: { stdout: "sum 54\n" },
  memory_remap: { stdout: "still here, 2 4, moved 1\n" },
  memory_sparse: { stdout: "sum 1597\n" },
  memory_through_kernel: { stdout: "by file, 7 8 9, by file\n" },
  memory_two_views: { stdout: "sum 66, ec\n" },
  output_mix: {
    stdout: "one line\nno newline yet, now it comes\nby write\nabcdefghijklmnopqrstuvwxyz\nin two parts\n",
  },
  pipe_self: { stdout: "20 + 30: message 0;message 1;message 2;message 3;message 4; would block 1, end 1\n" },
  poll_timeout: { stdout: "0 0 0, timer 1, epoll 1, event 3\n" },
  process_exec: { needs: ["exec"], stdout: "executed again\n" },
  process_fork: { needs: ["fork"], stdout: "child ended with 5\n" },
  process_system: { needs: ["fork"], stdout: "system 3, popen: from the shell\n" },
  process_vfork: { needs: ["fork"], stdout: "true ended with 0\n" },
  random: { stdout: "208, random bytes seen\n" },
  recursion_fib: { stdout: "fib 610 in 1973 calls\n" },
  recursion_hanoi: { stdout: "127 moves, heights 0 0 7\n" },
  recursion_mutual: { stdout: "even 1 odd 1 deepest 61\n" },
  signal_alarm_pause: { needs: ["timers"], stdout: "interrupted 1, alarms 2, waited for 14\n" },
  signal_altstack: { stdout: "on the alternate stack: 1\n" },
  signal_blocked_counter: { stdout: "caught 3, rising 1, blocked 1, ignored 1\n" },
  signal_info: { stdout: "value 4711 self 1 address 1 rax 99\n" },
  signal_mask: { stdout: "held 2 before 0 after 1 1 reset 1\n" },
  signal_nested: { stdout: "<i>()i\n" },
  signal_profile: { needs: ["timers"], stdout: "checksum 1761361212, interrupted 1\n" },
  signal_queue: { stdout: "12 queued, sum 5110, plain 2\n" },
  signal_raise: { stdout: "5 1\n" },
  signal_restart: { needs: ["timers"], stdout: "-1 interrupted 1, then 1 after 2 alarms\n" },
  signal_segv_jump: { stdout: "10 10\n" },
  signal_segv_repair: { stdout: "faults 8 sum 120\n" },
  signal_stack_overflow: { stdout: "caught 3, deep 3\n" },
  signal_suspend: {
    needs: ["timers"],
    stdout: "alarms 6, interrupted 6, blocked again 6, in the handler 110\n",
  },
  signal_timer_busy: { needs: ["timers"], stdout: "5 ticks, rising 1\n" },
  sleep_left: { stdout: "1, left 1, 77, alarms 1\n" },
  socket_pair: { stdout: "4 1 4 9 9 two parts\n" },
  stack_alloca: { stdout: "1830 499972302\n" },
  stack_deep: { stdout: "55 4580\n" },
  stack_frame: { stdout: "3 11\n" },
  step_calls: { stdout: "7 6 15 35\n" },
  string_instructions: { needs: ["timers"], stdout: "sum 16429198756145504506, interrupted 1\n" },
  strings: { stdout: "4321 1 4321 1 11 MIXED CASE 31\n" },
  syscalls: { stdout: "2000 bytes\n" },
  thread_barrier: { stdout: "serial 12 behind 0\n" },
  thread_cancel: { stdout: "cleaned 111 cancelled 3\n" },
  thread_compute: { stdout: "d9c0ed3af653fb00\n" },
  thread_condition: { stdout: "sum 7260\n" },
  thread_crash: { exit: { signal: "SIGSEGV" }, stdout: "before\n" },
  thread_detached: { stdout: "left 0\n" },
  thread_local: { stdout: "20 x EBADF\n" },
  thread_main_leaves: { stdout: "the first one is gone\n" },
  thread_many: { stdout: "done 450 sum 450 own 7\n" },
  thread_mutex: { stdout: "800 800 16\n" },
  thread_once: { stdout: "made 1 destroyed 10 total 12096\n" },
  thread_one: { stdout: "counted 1000\n" },
  thread_pipe: { stdout: "bcdefghijklmnopqrstubcdefghijk 30\n" },
  thread_priority: { stdout: "counted 120\n" },
  thread_robust: { stdout: "told 3\n" },
  thread_rwlock: { stdout: "left 120 right 120 torn 0 reads 180\n" },
  thread_semaphore: { stdout: "100 rallies, late 1\n" },
  thread_signal: { stdout: "right 4 wrong 0\n" },
  thread_sigwait: { stdout: "taken 4\n" },
  thread_spin: { stdout: "guarded 2\n" },
  thread_timer: { stdout: "ticks 1 rounds 1\n" },
  thread_workers: { stdout: "3492977 1570\n" },
  trap_own: { stdout: "int3 3, stepped 1, ud2 3, hlt 3\n" },
  tsc: { stdout: "rising 1\n" },
  variables: { stdout: "10 45 203 206 Local global\n" },
  watch_names: { stdout: "total 12\n" },
} as const satisfies Record<string, Row>;

export type TargetName = keyof typeof rows;

export const targetNames = Object.keys(rows) as TargetName[];

/** One row with the defaults filled in: a C source of the same name, no arguments, no input, nothing needed, exit code 0. */
export function targetRow(name: TargetName): Target {
  const row: Row = rows[name];
  return {
    name,
    source: `${name}.c`,
    args: [],
    stdin: "",
    needs: [],
    exit: { code: 0 },
    ...row,
  };
}
