/** ReversibleDebugger: one debugger that can go back. Told of each prompt, it keeps the history; it runs the fred commands. */
import type { CheckpointId } from "../engine/engine.ts";
import { FredError } from "../errors.ts";
import type { Arguments } from "../history/argumentGrammar.ts";
import type { Branch } from "../history/branches.ts";
import { classify } from "../history/commandKinds.ts";
import type { Entry } from "../history/entry.ts";
import type { Background } from "./algorithms/reverse.ts";
import { completions, findCommand, parseLine } from "./commands/resolve.ts";
import type { CommandContext, CommandResult, CommandSpec } from "./commands/spec.ts";
import { commandTable } from "./commands/table.ts";
import type { Debugger } from "./debugger.ts";
import { Journey, type TimeTravel, type Visit } from "./journey.ts";
import { piecesUpTo } from "./pieces.ts";
import { SessionRecord, settingEntry } from "./record.ts";
import type { CommandUi } from "./ui.ts";

/** What the debugger's front end knows at a prompt. */
export interface Prompt {
  /** What was typed (or run from a script) since the last prompt. */
  readonly commands: readonly string[];
  /** The program ran. */
  readonly moved: boolean;
  /** The user changed the program's memory or registers. */
  readonly changed: boolean;
  /** An empty line repeated the last command. */
  readonly repeated?: boolean;
  /** False before `run`. Absent: there is a program. */
  readonly isAlive?: boolean;
}

export interface SessionParts {
  readonly debugger: Debugger;
  readonly engine: TimeTravel;
  /** Milliseconds that only grow. */
  readonly nowMs: () => number;
}

/** Searches longer than this say what they do, and travels longer than this how long they took. */
const patienceMs = 1000;

export class ReversibleDebugger {
  readonly #parts: SessionParts;
  readonly #table: readonly CommandSpec[] = commandTable;
  #record: SessionRecord | null = null;
  #here: Visit | null = null;
  /** At the last prompt the program stood before the newest state recorded. */
  #isInPast = false;
  /** Typed before there was a program. */
  #earlySettings: string[] = [];
  #lastTyped: string | null = null;

  constructor(parts: SessionParts) {
    this.#parts = parts;
  }

  /** Null before the program's first stop. */
  get record(): SessionRecord | null {
    return this.#record;
  }

  /** Whether `word` is a fred command, with or without its prefix. */
  knows(word: string): boolean {
    return findCommand(this.#table, word) !== null;
  }

  complete(prefix: string): readonly string[] {
    return completions(this.#table, prefix);
  }

  /**
   * To be called at every prompt of the debugger, before the user can type. Makes the present state a checkpoint. Returns lines
   * for the user.
   */
  async onPrompt(prompt: Prompt): Promise<readonly string[]> {
    const commands = this.#typed(prompt);
    if (prompt.isAlive === false) {
      this.#earlySettings.push(...commands.filter((text) => classify(text).kind === "setting"));
      this.#here = null;
      return [];
    }
    const { id } = await this.#parts.engine.takeCheckpoint("stop");
    const isSame = id === this.#here?.at;
    const visit =
      isSame && this.#here ? this.#here : { at: id, whereabouts: await this.#parts.debugger.where() };
    // The debugger does not tell all changes ("return" in gdb): another state without a move is one.
    const effect = { moved: prompt.moved && !isSame, changed: !isSame && (prompt.changed || !prompt.moved) };
    return await this.#logPrompt(commands, visit, effect);
  }

  /** Runs one line, e.g. "fred-undo 2". Throws FredError; the program is then where it was. */
  async run(line: string, ui: CommandUi): Promise<void> {
    const { row, args } = parseLine(this.#table, line);
    const record = this.#here === null ? null : this.#record;
    if (record === null && row.needs === "process") throw new FredError("noProcess", { command: row.name });
    const journey = new Journey({ ...this.#parts, signal: ui.signal });
    if (record === null || row.needs === "nothing") {
      await row.run({ ui, table: this.#table } as CommandContext, args);
      return;
    }
    await this.#travelling(row, args, { journey, record, ui });
  }

  async #travelling(
    row: CommandSpec,
    args: Arguments,
    parts: Pick<CommandContext, "journey" | "record" | "ui">,
  ): Promise<void> {
    const { journey, record, ui } = parts;
    const here = await journey.here("stop");
    const branch = record.history.current.name;
    const resume = row.isQuiet ? await this.#parts.debugger.suspendBreakpoints?.() : undefined;
    journey.isUndisturbed = resume !== undefined;
    try {
      const context = { ...parts, ...this.#context(parts, here) };
      const result = await row.run(context, args);
      if (result.kind === "arrived") await this.#settle(context, result);
      else await journey.travel(here.at);
    } catch (error) {
      record.history.switchTo(branch);
      // There was a program when the command began.
      if (isWithoutProgram(error)) throw new FredError("programGone", {}, { cause: error });
      await this.#travelBack(here, error, ui);
      if (!(error instanceof FredError) || error.kind !== "cancelled") throw error;
      await ui.print(`${row.name} cancelled: you are where you were.`);
    } finally {
      ui.progress(null);
      await resume?.();
      await this.#parts.engine.dropTemporary();
    }
  }

  /** After a failure to where the user was. When that fails as well, it is the first failure that counts. */
  async #travelBack(here: Visit, cause: unknown, ui: CommandUi): Promise<void> {
    try {
      await this.#parts.debugger.travel(here.at);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      await ui.print(`you could not be put back to where you were (c${here.at}): ${why}`);
      throw cause;
    }
  }

  #context(
    { journey, record, ui }: Pick<CommandContext, "journey" | "record" | "ui">,
    here: Visit,
  ): Pick<CommandContext, "here" | "table" | "background" | "report"> {
    return {
      here,
      table: this.#table,
      background: (visit) => backgroundOf(journey, record, visit),
      report: (text) => {
        if (journey.elapsedMs > patienceMs) ui.progress(text);
      },
    };
  }

  /** Puts the user at the result: the state is kept, the history follows, and the place is shown. */
  async #settle(context: CommandContext, result: CommandResult & { kind: "arrived" }): Promise<void> {
    const { journey, record, ui } = context;
    const visit = await journey.travel(result.at);
    await journey.mark("stop");
    const ahead = record.aheadIn(await journey.timeline(), result.at);
    const spanning = record.history.spanning(result.at, ahead);
    const pieces = result.pieces ?? (spanning === null ? [] : await piecesUpTo(journey, spanning, visit));
    record.history.moveTo(result.at, ahead, pieces);
    this.#arrived(record, visit);
    if (result.leavesLine) await this.#leaveLine(context);
    this.#isInPast = !(await journey.timeline()).isAtHead;
    await ui.print(result.shown ?? (await this.#describe(visit)));
    const displays = ((await this.#parts.debugger.describeDisplays?.()) ?? "").trimEnd();
    if (displays !== "") await ui.print(displays);
    for (const line of result.lines ?? []) await ui.print(line);
    if (journey.elapsedMs > patienceMs) await ui.print(`(${(journey.elapsedMs / 1000).toFixed(1)} s)`);
  }

  async #describe({ whereabouts }: Visit): Promise<string> {
    if (whereabouts.kind === "at") return (await this.#parts.debugger.describeFrame()).trimEnd();
    return "the program is at its end; fred-undo and the other fred commands go back from here.";
  }

  async #leaveLine({ journey, record, ui }: CommandContext): Promise<void> {
    for (const line of await journey.engine.startBranch()) await ui.print(line);
    await ui.print(leftLine(record.history.fork(null)));
  }

  #arrived(record: SessionRecord, visit: Visit): void {
    record.remember(visit);
    this.#here = visit;
  }

  /** Commands as they count: fred's own are not debugger commands, an empty line is the one before. */
  #typed({ commands, repeated }: Prompt): readonly string[] {
    const written = commands
      .map((text) => text.trim())
      .filter((text) => text !== "" && !text.startsWith("fred-"));
    const typed = repeated && written.length === 0 && this.#lastTyped !== null ? [this.#lastTyped] : written;
    this.#lastTyped = typed.at(-1) ?? this.#lastTyped;
    return typed;
  }

  async #logPrompt(
    commands: readonly string[],
    visit: Visit,
    effect: { moved: boolean; changed: boolean },
  ): Promise<readonly string[]> {
    const lines: string[] = [];
    const timeline = await this.#parts.engine.timeline();
    const start = timeline.past[0]?.id ?? visit.at;
    if (this.#record === null || this.#here === null || isNewProgram(this.#record, start)) {
      this.#startRecord(start, commands, visit);
    } else {
      if (effect.changed && this.#isInPast) lines.push(leftLine(this.#record.history.fork(null)));
      const isAhead = this.#record.aheadIn(timeline, visit.at);
      // The debugger's own reverse commands: nothing was done, the position is an earlier one.
      if (isAhead(this.#here.at)) this.#record.history.moveTo(visit.at, isAhead);
      else this.#record.log(commands, this.#here, visit, effect, isAhead);
      this.#arrived(this.#record, visit);
    }
    this.#isInPast = !timeline.isAtHead;
    return lines;
  }

  /** The program has been started, or started again: a new history, which keeps the settings in force. */
  #startRecord(start: CheckpointId, commands: readonly string[], visit: Visit): void {
    const kept = this.#record?.history.current.entries.filter((entry) => entry.kind === "setting") ?? [];
    const settings = [...kept.map((entry) => entry.text), ...this.#earlySettings];
    this.#earlySettings = [];
    this.#record = new SessionRecord(
      start,
      settings.map((text) => settingEntry(text, start)),
    );
    const from: Visit = { at: start, whereabouts: { kind: "ended", exitCode: null, signal: null } };
    const text = commands.some((one) => classify(one).kind === "run") ? commands : [...commands, "run"];
    this.#record.log(text, from, visit, { moved: true, changed: false }, () => false);
    this.#arrived(this.#record, visit);
  }
}

function leftLine({ name, parent }: Branch): string {
  return `this is branch ${name} now; what came after stays on ${parent?.name} (fred-switch ${parent?.name}).`;
}

function isNewProgram(record: SessionRecord, start: CheckpointId): boolean {
  return record.start !== start;
}

/** What is known of the way to a state: only true while the program is there. */
async function backgroundOf(journey: Journey, record: SessionRecord, visit: Visit): Promise<Background> {
  await journey.travel(visit.at);
  const timeline = await journey.timeline();
  const { history } = record;
  const isAhead = record.aheadIn(timeline, visit.at);
  const ended = [...history.current.entries, ...history.current.ahead].filter(
    (entry) => !isAhead(entry.after),
  );
  const lastEntry = ended.findLast(
    (entry: Entry<CheckpointId>) => entry.after === visit.at && entry.before !== visit.at,
  );
  return {
    lastEntry: lastEntry ?? null,
    stops: record.stops(timeline).filter((stop) => stop.at !== visit.at),
    spanning: history.spanning(visit.at, isAhead),
  };
}

function isWithoutProgram(error: unknown): boolean {
  return error instanceof FredError && (error.kind === "noProcess" || error.kind === "programGone");
}
