/** Good or bad at a state: an expression compared with its present value. */
import type { CheckpointId } from "../../engine/engine.ts";
import { FredError } from "../../errors.ts";
import type { Verdict } from "../../history/bisection.ts";
import type { BoundExpression, Evaluation, FrameScope } from "../debugger.ts";
import type { Journey } from "../journey.ts";

/** Bad: the value is the one it has where the user is. Verdicts are remembered: a state is evaluated once. */
export class WatchProbe {
  readonly badText: string;
  readonly #expression: BoundExpression;
  readonly #journey: Journey;
  readonly #seen = new Map<CheckpointId, Evaluation>();

  private constructor(journey: Journey, expression: BoundExpression, badText: string) {
    this.#journey = journey;
    this.#expression = expression;
    this.badText = badText;
  }

  /** At the user's position: the value there is the bad one. */
  static async begin(journey: Journey, expression: string): Promise<WatchProbe> {
    const bound = await journey.debugger.bind(expression);
    if (bound.scope?.function === null) throw new FredError("namelessFrame", { expression });
    const value = await journey.probe(bound);
    if (value.kind === "unknown") throw new FredError("noValueHere", { expression, why: value.why });
    return new WatchProbe(journey, bound, value.text);
  }

  /** The frame that the expression belongs to; null: it has no locals. */
  get scope(): FrameScope | null {
    return this.#expression.scope;
  }

  /** All it is made of has come with the call of its function. */
  get isSetByCall(): boolean {
    const locals = this.scope?.locals ?? [];
    return locals.length > 0 && locals.every((local) => local.isArgument);
  }

  /** Travels to `at` when it has not been looked at yet. */
  async verdictAt(at: CheckpointId): Promise<Verdict> {
    const known = this.#seen.get(at);
    if (known !== undefined) return this.#verdict(known);
    await this.#journey.travel(at);
    return await this.verdictHere(at);
  }

  /** Of the present state, whose checkpoint is `at`. */
  async verdictHere(at: CheckpointId): Promise<Verdict> {
    const known = this.#seen.get(at);
    if (known !== undefined) return this.#verdict(known);
    const value = await this.#journey.probe(this.#expression);
    this.#seen.set(at, value);
    return this.#verdict(value);
  }

  /** The value seen at `at`, as the user reads it. */
  textAt(at: CheckpointId): string {
    const value = this.#seen.get(at);
    return value?.kind === "value" ? value.text : "unknown";
  }

  #verdict(value: Evaluation): Verdict {
    if (value.kind === "unknown") return "unknown";
    return value.text === this.badText ? "bad" : "good";
  }
}

export function isBad(verdict: Verdict): boolean {
  return verdict === "bad";
}
