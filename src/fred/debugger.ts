/** What fred needs of a debugger (gdb now, pdb later): run a command, evaluate, say where it is, follow a travel. */
import type { CheckpointId } from "../engine/engine.ts";

/** Where the debugger's innermost frame is. */
export interface Place {
  readonly pc: bigint;
  readonly sp: bigint;
  /** Canonical frame address: the caller's stack pointer after the call returns. Deeper frames have smaller ones. */
  readonly cfa: bigint;
  readonly function: string | null;
  /** As the debug information has it; null without debug information. */
  readonly file: string | null;
  readonly line: number | null;
  /** pc is the first instruction of a line of the line table. */
  readonly isLineStart: boolean;
  readonly threadNumber: number;
}

/** Where the program is: at a place, or gone (parked at its end). */
export type Whereabouts =
  | { readonly kind: "at"; readonly place: Place }
  | { readonly kind: "ended"; readonly exitCode: number | null; readonly signal: string | null };

/** Why a motion command came back, from gdb/MI's `*stopped` record. */
export type StopCause =
  | "end-stepping-range"
  | "breakpoint-hit"
  | "watchpoint-trigger"
  | "function-finished"
  | "location-reached"
  | "signal-received"
  | "exited"
  | "no-history"
  | "other";

export interface CommandOutcome {
  readonly cause: StopCause;
  readonly breakpointNumbers: readonly number[];
  readonly whereabouts: Whereabouts;
  /** What the debugger printed (not shown to the user). */
  readonly output: string;
}

export type Evaluation =
  | { readonly kind: "value"; readonly text: string }
  /** The frame of the expression is not live, memory is not readable, the call did not come back … */
  | { readonly kind: "unknown"; readonly why: string };

/** The frame that an expression was typed in: found again by function and canonical frame address. Null: globals only. */
export interface FrameScope {
  /** Null: nothing is known of it, so the frame cannot be told from others. */
  readonly function: string | null;
  readonly cfa: bigint;
  /** The locals that the expression names; elsewhere in the function a name may be another variable. */
  readonly locals: readonly LocalName[];
}

export interface LocalName {
  readonly name: string;
  /** Of its declaration. */
  readonly line: number;
  /** Its first value comes from the caller. */
  readonly isArgument: boolean;
}

/** An expression whose names mean the same in every state. */
export interface BoundExpression {
  /** For `evaluate`; people are shown what they typed. */
  readonly text: string;
  readonly scope: FrameScope | null;
}

/** One debugger, driven quietly (nothing printed for the user). One call in flight at a time. */
export interface Debugger {
  readonly name: string;
  /** Runs one motion command, never past `limit` (then cause is "no-history"). */
  move(
    command: string,
    options: { readonly limit?: CheckpointId; readonly signal?: AbortSignal },
  ): Promise<CommandOutcome>;
  /** Puts program and debugger at a checkpoint. */
  travel(to: CheckpointId): Promise<Whereabouts>;
  where(): Promise<Whereabouts>;
  /** Without side effects on the program. Throws FredError "badExpression" when it does not parse. */
  evaluate(expression: BoundExpression, options: { readonly signal?: AbortSignal }): Promise<Evaluation>;
  /** As the names are understood in the frame that the user has selected. Throws FredError "badExpression". */
  bind(expression: string): Promise<BoundExpression>;
  /** Addresses of all statement starts of the function at `pc`; empty without debug information. */
  lineStarts(pc: bigint): Promise<readonly bigint[]>;
  /** Runs a debugger command for its effect on the debugger (breakpoints, settings); returns its output. */
  run(command: string): Promise<string>;
  /** The frame line as the debugger itself prints it, source line included. */
  describeFrame(): Promise<string>;
  /** Optional. What the debugger shows after each stop because the user asked for it (gdb's display); "" when nothing. */
  describeDisplays?(): Promise<string>;
  /** Optional. The frames that called the present one, nearest first (`pc`: the return address); empty at the outermost. */
  callers?(): Promise<readonly Place[]>;
  /** Optional. First addresses of the functions with source that run before main. */
  constructors?(): Promise<readonly bigint[]>;
  /** Optional. As `lineStarts`, with the line of each address: saves searches some replays. */
  lineTable?(pc: bigint): Promise<readonly LineStart[]>;
  /** Optional. Where the arguments of the function at `pc` are in place (gdb's end of the prologue); null without debug information. */
  bodyStart?(pc: bigint): Promise<bigint | null>;
  /** Optional. Switches the user's breakpoints off (quiet moves then only end by themselves); the function returned puts them back. */
  suspendBreakpoints?(): Promise<() => Promise<void>>;
}

/** A statement start of the line table. */
export interface LineStart {
  readonly address: bigint;
  readonly line: number;
}
