/** The messages between fred-ts and the Python shim inside gdb: one JSON object per line, strictly nested. */
import type { FrameScope, LocalName } from "../../debugger.ts";

/** Completion that gdb offers for a command's argument. */
export type Completion = "expression" | "file" | "command" | "location" | "none";

/** A command that the shim registers in gdb. */
export interface ShimCommand {
  readonly name: string;
  readonly aliases: readonly string[];
  readonly summary: string;
  readonly help: string;
  readonly completion: Completion;
}

/** A command of gdb that says `text` and does nothing. */
export interface ShimRefusal {
  readonly name: string;
  readonly text: string;
}

/** The answer to `hello`: all that the shim needs to set gdb up. */
export interface ShimSetup {
  readonly commands: readonly ShimCommand[];
  readonly refusals: readonly ShimRefusal[];
  /** The user's -ex commands and -x files, in order; the shim runs them statement by statement. */
  readonly statements: readonly { readonly kind: "ex" | "file"; readonly text: string }[];
  /** Socket of the RSP server; empty: gdb keeps its native target (tests). */
  readonly target: string;
  readonly miTty: string | null;
  readonly isBatch: boolean;
  /** Commands come from a pipe: the shim reads them, as gdb keeps no history of those. */
  readonly readsStdin: boolean;
  readonly allowSideEffects: boolean;
}

/** Addresses are "0x…" texts. */
export interface ShimPlace {
  readonly pc: string;
  readonly sp: string;
  readonly cfa: string;
  readonly function: string | null;
  readonly file: string | null;
  readonly line: number | null;
  readonly isLineStart: boolean;
  readonly threadNumber: number;
}

export type ShimState =
  | ShimPlace
  | { readonly ended: { readonly exitCode: number | null; readonly signal: string | null } };

export interface ShimOutcome {
  readonly output: string;
  readonly state: ShimState;
  /** How many `*stopped` records gdb has written on the MI channel by now. */
  readonly stopCount: number;
}

export interface ShimScope {
  readonly function: string | null;
  readonly cfa: string;
  readonly locals: readonly LocalName[];
}

export type ShimValue =
  | { readonly kind: "value"; readonly text: string }
  | { readonly kind: "unknown"; readonly why: string }
  | { readonly kind: "badExpression"; readonly why: string };

/** What fred-ts asks of the shim. */
export interface ShimMethods {
  move: { params: { command: string }; result: ShimOutcome };
  isAlive: { params: object; result: boolean };
  travel: { params: object; result: Pick<ShimOutcome, "state"> };
  mi: { params: { command: string }; result: { text: string } };
  cli: { params: { command: string }; result: { output: string } };
  state: { params: object; result: ShimState };
  evaluate: { params: { expression: string; scope: ShimScope | null }; result: ShimValue };
  bind: {
    params: { expression: string };
    result: { readonly text: string; readonly scope: ShimScope | null };
  };
  bodyStart: { params: { pc: string }; result: string | null };
  lineTable: {
    params: { pc: string };
    result: readonly { readonly address: string; readonly line: number }[];
  };
  constructors: { params: object; result: readonly string[] };
  callers: { params: object; result: readonly ShimPlace[] };
  /** Disables the enabled breakpoints; their numbers. */
  suspendBreakpoints: { params: object; result: readonly number[] };
  resumeBreakpoints: { params: { numbers: readonly number[] }; result: null };
  describeFrame: { params: object; result: string };
  describeDisplays: { params: object; result: string };
  print: { params: { text: string; isError?: boolean }; result: null };
  script: { params: { path: string }; result: null };
  flush: { params: object; result: null };
}

/** What happened between two prompts. */
export interface PromptReport {
  /** The statements typed (or run from -ex and -x), blocks joined by newlines. */
  readonly commands: readonly string[];
  readonly moved: boolean;
  readonly changed: boolean;
  /** An empty line repeated the last command. */
  readonly repeated: boolean;
  readonly isAlive: boolean;
}

export type ScratchPhase = "begin" | "call" | "return" | "end";

/** What the shim asks of fred-ts. `signal` aborts when the user types ^C meanwhile. */
export interface ShimClient {
  hello(greeting: { readonly gdbVersion: string; readonly pid: number }): Promise<ShimSetup>;
  command(
    call: { readonly name: string; readonly argument: string; readonly fromTty: boolean },
    signal: AbortSignal,
  ): Promise<void>;
  prompt(report: PromptReport): Promise<void>;
  /** `isMute`: what calls show is not to be seen (those of a search, many times over). */
  scratch(phase: ScratchPhase, options: { readonly isMute: boolean }): Promise<void>;
  /** What the program does next, or now, is to be stopped: ^C came where gdb does not see it. */
  interrupt(): void;
}

export function toShimScope(scope: FrameScope | null): ShimScope | null {
  return scope === null ? null : { ...scope, cfa: `0x${scope.cfa.toString(16)}` };
}
