/** The engine as the rest of fred-ts sees it: one debuggee, its recorded timeline, and travel in it. No gdb words here. */

declare const brand: unique symbol;
export type CheckpointId = number & { readonly [brand]: "CheckpointId" };

/** How the debuggee is started. Paths are absolute; `argv` contains the program's name as element 0. */
export interface LaunchOptions {
  readonly path: string;
  readonly argv: readonly string[];
  /** "NAME=value" strings; the whole environment. */
  readonly env: readonly string[];
  readonly cwd: string;
  readonly disableAslr: boolean;
  /** Path of a terminal that becomes the controlling terminal and descriptors 0, 1, 2; null: those of fred-ts are inherited. */
  readonly tty: string | null;
  /** Files that replace descriptors 0, 1, 2 (shell-like redirections), opened after `tty`. */
  readonly redirections: readonly Redirection[];
  /** Periodic checkpoints while running, per second; 0 switches them off. */
  readonly checkpointHz: number;
  readonly tracker: "auto" | "pagemap-scan" | "compare";
  /** A folder that is made for the recording, written while the program runs; absent: none. */
  readonly recordTo?: string;
  /** Bytes; the recording ends there, the program does not. */
  readonly recordLimit?: number;
  /** With recordTo: child processes are recorded as well, as timelines of their own. */
  readonly followsChildren?: boolean;
  /** The program stays in our process group, as a shell's command does. */
  readonly keepsGroup?: boolean;
}

/** One timeline of a recording on disk. */
export interface OpenOptions {
  /** That of the timeline: a folder "0", "1" … in the recording's. */
  readonly directory: string;
  /** Checkpoints per second of replay that are kept besides those of the recording. */
  readonly checkpointHz: number;
  readonly tracker: LaunchOptions["tracker"];
}

/** Of the recording that is being written. */
export interface RecordingStatus {
  readonly directory: string;
  readonly bytes: number;
  readonly events: number;
  readonly states: number;
  /** Why it ended before the program; null: it did not. */
  readonly failure: string | null;
}

export interface Redirection {
  readonly fd: number;
  /** A path, or the number of the descriptor to duplicate. */
  readonly target: string | number;
  readonly mode: "read" | "write" | "append" | "duplicate";
}

/** Why the debuggee is not running. Every stop carries where it is. */
export type Stop = StopReason & {
  readonly pid: number;
  readonly tid: number;
  readonly pc: bigint;
  /** How many events of the log lie before this position. */
  readonly event: number;
  /** True when the position is the newest one recorded (resuming runs live). */
  readonly isAtHead: boolean;
};

export type StopReason =
  | { readonly kind: "launched" }
  | { readonly kind: "breakpoint"; readonly address: bigint }
  | { readonly kind: "hardwareBreakpoint"; readonly address: bigint }
  | { readonly kind: "watchpoint"; readonly address: bigint; readonly access: "write" | "read" | "access" }
  /** A single step or a range step has ended. */
  | { readonly kind: "step" }
  /** Linux signal number; the signal is not delivered yet. */
  | { readonly kind: "signal"; readonly signal: number }
  | { readonly kind: "interrupted" }
  /** The program called exit_group; the process is parked before it and can travel back. */
  | { readonly kind: "exited"; readonly code: number }
  | { readonly kind: "killed"; readonly signal: number }
  /** A reverse command reached the first position. */
  | { readonly kind: "historyBegin" }
  /** A resume reached its `limit`. */
  | { readonly kind: "historyEnd" }
  /** The position was restored; nothing ran. */
  | { readonly kind: "travelled" }
  /** While a recording is written: the program has replaced itself by another one, which stands at its first instruction. */
  | { readonly kind: "executed" }
  /** The program asked for something that cannot be recorded yet; `text` is one line for the user. */
  | { readonly kind: "unsupported"; readonly text: string }
  /** Replay and log disagree; `text` names event, expected and seen. */
  | { readonly kind: "diverged"; readonly text: string };

export interface ResumeOptions {
  /** "range" steps while start <= pc < end (one step at least). */
  readonly mode: "continue" | "step" | "range";
  readonly rangeStart?: bigint;
  readonly rangeEnd?: bigint;
  /** The thread to step; the others run meanwhile. Absent: the one that runs. */
  readonly thread?: number;
  /** Until that thread has made its step, breakpoints that others meet do not count. */
  readonly isAlone?: boolean;
  /** Linux signal to deliver first; 0 or absent: none. */
  readonly signal?: number;
  /** Never run past this state: stop there with "historyEnd". Must be a state after the present one. */
  readonly limit?: CheckpointId;
}

export interface BreakpointSpec {
  readonly kind: "software" | "hardware" | "write" | "read" | "access";
  readonly address: bigint;
  /** Bytes watched; 1 for software breakpoints. */
  readonly length: number;
  /** gdb agent expressions; the breakpoint reports when any of them is non-zero, or when there is none. */
  readonly conditions: readonly Uint8Array[];
}

export type CheckpointKind = "start" | "automatic" | "stop" | "user" | "temporary" | "head";

export interface CheckpointInfo {
  readonly id: CheckpointId;
  readonly kind: CheckpointKind;
  readonly event: number;
  readonly pc: bigint;
  /** Estimated CPU time of the debuggee from its start to here, nanoseconds. Orders nothing by itself. */
  readonly cpuNs: number;
  /** The state from which execution ran to this one; certainly earlier. */
  readonly parent: CheckpointId | null;
  /** Pages stored for this checkpoint alone. */
  readonly pageCount: number;
}

export interface Timeline {
  /** Checkpoints certainly in this order, all before or at `here`, oldest first. */
  readonly past: readonly CheckpointInfo[];
  /** Known checkpoints after `here` on this line of history, oldest first. */
  readonly future: readonly CheckpointInfo[];
  /** The checkpoint whose state is the present one, if there is one. */
  readonly here: CheckpointId | null;
  readonly event: number;
  readonly eventCount: number;
  readonly isAtHead: boolean;
  readonly tracker: string;
}

/** x86-64 registers: `general` is struct user_regs_struct (27 × 8 bytes), `xstate` the XSAVE area. */
export interface Registers {
  readonly general: Uint8Array;
  readonly xstate: Uint8Array;
}

/** Calls are queued: at most one runs at a time. `interrupt` and `readMemory` may be used while another runs. */
export interface Engine {
  launch(options: LaunchOptions): Promise<Stop>;
  /** Stands at the end of a recording ("launched"). Its past can be travelled in, not changed. */
  open(options: OpenOptions): Promise<Stop>;
  /** Writes the present line of history, up to its newest state, into a folder that is made for it. */
  save(directory: string): Promise<void>;
  /** Lines about what cannot be recorded well; each is given once. */
  takeNotes(): Promise<readonly string[]>;
  /** The recording ends here, and the program goes on without us; resolves with "exited" or "killed" when it has ended. */
  letGo(): Promise<Stop>;
  /** Null when none is written. */
  recordingStatus(): Promise<RecordingStatus | null>;
  /** The kernel's number of the process, for /proc; null without one. In a recording not the `pid` by which it knows itself. */
  hostPid(): number | null;
  /** What the kernel told the program at its start: pairs of 8 bytes; empty without a process. */
  auxiliaryVector(): Uint8Array;
  /** Ends the debuggee and forgets its timeline; a new launch may follow. */
  kill(): Promise<void>;
  resume(options: ResumeOptions): Promise<Stop>;
  /** Back by one instruction (of `thread`, when given), or to the last hit of any breakpoint set now. */
  reverse(mode: "continue" | "step", thread?: number): Promise<Stop>;
  /**
   * Back to the last time one of `addresses` was about to be executed with spMin <= rsp <= spMax, other breakpoints ignored;
   * "historyBegin" (position unchanged) when there is none.
   */
  rewind(options: {
    readonly addresses: readonly bigint[];
    readonly spMin: bigint;
    readonly spMax: bigint;
  }): Promise<Stop>;
  /** Ends the resume, reverse, rewind or densify in flight: it reports "interrupted" (reverse kinds: at the old position). */
  interrupt(): void;

  /** Fewer bytes than asked when the rest is not mapped; throws EFAULT when nothing is. Breakpoints are never seen. */
  readMemory(address: bigint, length: number): Uint8Array;
  /** Changes the program. In the past call `startBranch` before. */
  writeMemory(address: bigint, bytes: Uint8Array): Promise<void>;
  /** Numbers (tid) of the threads that live at the present position, in order of birth. */
  threads(): Promise<readonly number[]>;
  /** Of a thread; absent: of the one that runs. */
  readRegisters(thread?: number): Promise<Registers>;
  /** The thread is then the one that runs next. */
  writeRegisters(registers: Partial<Registers>, thread?: number): Promise<void>;
  /** siginfo_t (128 bytes) of the signal that stopped the debuggee; empty when none did. */
  readSiginfo(): Promise<Uint8Array>;

  insertBreakpoint(spec: BreakpointSpec): Promise<void>;
  removeBreakpoint(spec: Pick<BreakpointSpec, "kind" | "address" | "length">): Promise<void>;
  clearBreakpoints(): Promise<void>;

  /** The state as it is now; when it is a checkpoint already, that one (its kind is raised to the more lasting one). */
  takeCheckpoint(kind: CheckpointKind): Promise<CheckpointInfo>;
  /** In place; the debuggee is then exactly in that state. Stop kind: "travelled", or the stop's own kind when it stood at a parked exit. */
  restore(id: CheckpointId): Promise<Stop>;
  timeline(): Promise<Timeline>;
  /** Replays from one state towards a later one and leaves about `count` temporary checkpoints on the way; ends at `from`. */
  densify(options: {
    readonly from: CheckpointId;
    readonly to: CheckpointId;
    readonly count: number;
  }): Promise<readonly CheckpointInfo[]>;
  /** Forgets temporary checkpoints. */
  dropTemporary(): Promise<void>;

  /** From the past: what was recorded after here stays as a branch of its own, and the next resume runs live. Returns lines about what cannot be undone. */
  startBranch(): Promise<readonly string[]>;
  /**
   * Between these two the debuggee may be run and changed at will (inferior calls): the end brings the old state back. `isMute`:
   * what it writes meanwhile to a terminal, or to where its standard output and error go, is taken for written and not seen.
   */
  beginScratch(options: { readonly isMute: boolean }): Promise<void>;
  endScratch(): Promise<void>;

  /** Descriptors of the tracee and the recording are released; the engine cannot be used again. */
  close(): Promise<void>;
}
