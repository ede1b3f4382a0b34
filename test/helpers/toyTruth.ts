/** What the reverse commands must find, computed from the complete row of states by brute force. */
import { bodyOf, top } from "./toyDebugger.ts";
import type { ToyState } from "./toyMachine.ts";
import type { Instruction, ToyFunction, ToyProgram } from "./toyProgram.ts";

export class Truth {
  readonly #program: ToyProgram;
  readonly #states: readonly ToyState[];
  /** For each state: a statement begins there (a line of the frame after another line, past the prologue). */
  readonly isBeginning: readonly boolean[];

  constructor(program: ToyProgram, states: readonly ToyState[]) {
    this.#program = program;
    this.#states = states;
    this.isBeginning = this.#beginnings();
  }

  /** Index of the state that reverse-next goes to; null: there is none. */
  reverseNext(index: number): number | null {
    const state = this.#at(index);
    if (state.isEnded) return this.#last(index, (one) => top(one).functionIndex === 1);
    if (this.#hasSource(top(state).functionIndex)) {
      const found = this.#last(index, (one) => top(one).id === top(state).id);
      if (found !== null) return found;
    }
    return this.call(index);
  }

  /** The statement in the nearest caller with source that called the present function. */
  call(index: number): number | null {
    const state = this.#at(index);
    if (state.isEnded) return null;
    const caller = state.frames.slice(0, -1).findLast((frame) => this.#hasSource(frame.functionIndex));
    return caller === undefined ? null : this.#last(index, (one) => top(one).id === caller.id);
  }

  reverseStep(index: number): number | null {
    const base = this.reverseNext(index);
    if (base === null) return null;
    const depth = this.#at(base).frames.length;
    for (let at = index - 1; at > base; at--) {
      const above = this.#at(at).frames.slice(depth);
      if (this.isBeginning[at] && above.every((frame) => this.#hasSource(frame.functionIndex))) return at;
    }
    return base;
  }

  reverseContinue(index: number, breakpoints: ReadonlySet<number>): number {
    for (let at = index - 1; at >= 0; at--) if (breakpoints.has(this.#at(at).pc)) return at;
    return 0;
  }

  #last(before: number, isWanted: (state: ToyState) => boolean): number | null {
    for (let at = before - 1; at >= 0; at--) if (this.isBeginning[at] && isWanted(this.#at(at))) return at;
    return null;
  }

  #beginnings(): boolean[] {
    const lastPc = new Map<number, number>();
    return this.#states.map((state) => {
      const { id, functionIndex } = top(state);
      const instruction = this.#program.code[state.pc] as Instruction;
      const one = this.#program.functions[functionIndex] as ToyFunction;
      const before = lastPc.get(id);
      lastPc.set(id, state.pc);
      if (state.isEnded || !instruction.isStart || before === undefined) return false;
      if (before < bodyOf(this.#program, one)) return state.pc >= bodyOf(this.#program, one);
      return this.#program.code[before]?.line !== instruction.line;
    });
  }

  #hasSource(functionIndex: number): boolean {
    return this.#program.functions[functionIndex]?.hasSource ?? false;
  }

  #at(index: number): ToyState {
    return this.#states[index] as ToyState;
  }
}
