/** What a row of the command table holds, and what a command works with. */
import type { CheckpointId } from "../../engine/engine.ts";
import type { ArgumentShape, Arguments } from "../../history/argumentGrammar.ts";
import type { Entry } from "../../history/entry.ts";
import type { Background } from "../algorithms/reverse.ts";
import type { Journey, Visit } from "../journey.ts";
import type { SessionRecord } from "../record.ts";
import type { CommandUi } from "../ui.ts";

export interface CommandSpec {
  /** With the prefix; the words of `aliases` and the name without "fred-" are accepted where the debugger has no such command. */
  readonly name: string;
  readonly aliases: readonly string[];
  readonly args: ArgumentShape;
  /** The arguments as the usage line shows them. */
  readonly usage: string;
  readonly summary: string;
  readonly help: string;
  /** "process": there must be a recorded stop. */
  readonly needs: "nothing" | "process";
  /** The user's breakpoints are switched off meanwhile, where the debugger can. */
  readonly isQuiet: boolean;
  run(context: CommandContext, args: Arguments): Promise<CommandResult>;
}

export interface CommandContext {
  readonly journey: Journey;
  readonly record: SessionRecord;
  readonly ui: CommandUi;
  /** Where the user is. */
  readonly here: Visit;
  readonly table: readonly CommandSpec[];
  /** What is known of the way to `visit` (the user's position, or one that this command has reached). */
  background(visit: Visit): Promise<Background>;
  /** A progress line, shown only after a second. */
  report(text: string): void;
}

/** "arrived": the user is to be put there; `lines` are printed after the frame. */
export type CommandResult =
  | { readonly kind: "stayed" }
  | {
      readonly kind: "arrived";
      readonly at: CheckpointId;
      readonly lines?: readonly string[];
      /** What the debugger has said of the stop there; the frame is described when absent. */
      readonly shown?: string;
      /** What the history shows for the part of a longer command that led here; decomposed when absent. */
      readonly pieces?: readonly Entry<CheckpointId>[];
      /** What came after is left behind on a branch of its own. */
      readonly leavesLine?: true;
    };

/** A command that needs no process gets no journey. */
export type FreeContext = Pick<CommandContext, "ui" | "table">;
