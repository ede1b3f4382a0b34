/** Programs of the toy machine: random, structured, ending; each instruction knows its line and whether a statement starts there. */

export type Operation =
  | { readonly op: "nop" | "push" | "leave" | "ret" | "exit" | "event" }
  | { readonly op: "reserve"; readonly bytes: number }
  | { readonly op: "setGlobal" | "addGlobal"; readonly slot: number; readonly value: number }
  | { readonly op: "setLocal" | "addLocal"; readonly slot: number; readonly value: number }
  /** global := global*3 + local mod 7: makes values depend on the way. */
  | { readonly op: "mix"; readonly slot: number; readonly local: number }
  | { readonly op: "call"; readonly callee: number }
  | { readonly op: "jump"; readonly target: number }
  /** Jumps when the local is >= value. */
  | { readonly op: "jumpIfAtLeast"; readonly slot: number; readonly value: number; readonly target: number }
  /** Jumps unless the depth of the machine's stack is below `value`: bounds recursion. */
  | { readonly op: "jumpIfDeep"; readonly value: number; readonly target: number };

export type Instruction = Operation & {
  readonly functionIndex: number;
  /** Null in code without source. */
  readonly line: number | null;
  readonly isStart: boolean;
};

export interface ToyFunction {
  readonly name: string;
  readonly hasSource: boolean;
  readonly entry: number;
  readonly end: number;
}

export interface ToyProgram {
  readonly code: readonly Instruction[];
  readonly functions: readonly ToyFunction[];
}

export interface ProgramOptions {
  readonly hasLibrary: boolean;
  /** Also several statements, and whole functions, in one line. */
  readonly hasOneLineLoops: boolean;
}

export type Random = (below: number) => number;

/** Mulberry32. */
export function randomFrom(seed: number): Random {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

export const globalCount = 4;
export const localCount = 4;
const sourceFunctionCount = 4;

/** _start (0, no source), main (1), f1 … f3, lib (no source; calls f3 back). Functions call only later ones, or themselves. */
export function randomProgram(random: Random, options: ProgramOptions): ToyProgram {
  const builder = new Builder(random, options);
  builder.startup();
  for (let index = 1; index <= sourceFunctionCount; index++) builder.sourceFunction(index);
  builder.library();
  return { code: builder.code, functions: builder.functions };
}

class Builder {
  readonly code: Instruction[] = [];
  readonly functions: ToyFunction[] = [];
  readonly #random: Random;
  readonly #options: ProgramOptions;
  #line = 0;
  #function = 0;
  #loops = 0;

  constructor(random: Random, options: ProgramOptions) {
    this.#random = random;
    this.#options = options;
  }

  startup(): void {
    this.#begin("_start", false);
    this.#emit({ op: "nop" });
    this.#emit({ op: "setGlobal", slot: 0, value: 1 });
    this.#emit({ op: "call", callee: 1 });
    this.#emit({ op: "nop" });
    this.#emit({ op: "exit" });
    this.#end();
  }

  library(): void {
    this.#begin("lib", false);
    this.#emit({ op: "push" });
    this.#emit({ op: "reserve", bytes: 16 });
    this.#emit({ op: "event" });
    this.#emit({ op: "addGlobal", slot: 3, value: 1 });
    this.#emit({ op: "call", callee: sourceFunctionCount });
    this.#emit({ op: "addGlobal", slot: 1, value: 2 });
    if (this.#random(2) === 0) this.#emit({ op: "call", callee: sourceFunctionCount });
    this.#emit({ op: "leave" });
    this.#emit({ op: "ret" });
    this.#end();
  }

  sourceFunction(index: number): void {
    this.#begin(index === 1 ? "main" : `f${index - 1}`, true);
    this.#loops = 0;
    const isOneLiner = this.#options.hasOneLineLoops && index > 2 && this.#random(3) === 0;
    this.#line += 10;
    this.#emit({ op: "push" }, true);
    this.#emit({ op: "reserve", bytes: 32 });
    const size = 2 + this.#random(4);
    for (let count = 0; count < size; count++) {
      if (!isOneLiner && (count === 0 || !this.#options.hasOneLineLoops || this.#random(5) > 0)) this.#line++;
      this.#statement(isOneLiner ? 2 : 0);
    }
    if (!isOneLiner) this.#line++;
    this.#emit({ op: "leave" }, true);
    this.#emit({ op: "ret" });
    this.#end();
  }

  #begin(name: string, hasSource: boolean): void {
    this.#function = this.functions.length;
    this.functions.push({ name, hasSource, entry: this.code.length, end: 0 });
  }

  #end(): void {
    const open = this.functions[this.#function] as ToyFunction;
    this.functions[this.#function] = { ...open, end: this.code.length };
  }

  #emit(operation: Operation, isStart = false): number {
    const { hasSource } = this.functions[this.#function] as ToyFunction;
    const line = hasSource ? this.#line : null;
    this.code.push({ ...operation, functionIndex: this.#function, line, isStart: hasSource && isStart });
    return this.code.length - 1;
  }

  #patch(at: number, target: number): void {
    this.code[at] = { ...(this.code[at] as Instruction), target } as Instruction;
  }

  #statement(depth: number): void {
    const kind = this.#random(depth >= 2 ? 5 : 9);
    if (kind <= 1) this.#assignment();
    else if (kind <= 4) this.#callStatement();
    else if (kind === 5) this.#branch(depth);
    else if (kind === 6 && this.#options.hasOneLineLoops) this.#oneLineLoop();
    else this.#loop(depth);
  }

  #assignment(): void {
    this.#emit({ op: "nop" }, true);
    const slot = this.#random(globalCount);
    const choice = this.#random(4);
    if (choice === 0) this.#emit({ op: "setGlobal", slot, value: this.#random(3) });
    else if (choice === 1) this.#emit({ op: "setLocal", slot: 0, value: this.#random(5) });
    else if (choice === 2) this.#emit({ op: "mix", slot, local: 0 });
    else this.#emit({ op: "addGlobal", slot, value: 1 });
  }

  /** `g = f() + h();`, the second call optional; the line table may have an entry after a call, as gcc's has. */
  #callStatement(): void {
    this.#emit({ op: "nop" }, true);
    this.#guardedCall();
    if (this.#random(3) === 0) this.#guardedCall();
    this.#emit({ op: "nop" }, this.#random(2) === 0);
    if (this.#random(2) === 0) this.#emit({ op: "mix", slot: this.#random(globalCount), local: 0 });
  }

  #guardedCall(): void {
    const own = this.#function;
    const isRecursive = own > 1 && this.#random(4) === 0;
    const canLibrary = this.#options.hasLibrary && own < sourceFunctionCount;
    const later = sourceFunctionCount - own;
    if (isRecursive) {
      this.#recursion(own);
      return;
    }
    if (canLibrary && this.#random(4) === 0) this.#emit({ op: "call", callee: sourceFunctionCount + 1 });
    else if (later > 0) this.#emit({ op: "call", callee: own + 1 + this.#random(later) });
    else this.#emit({ op: "addLocal", slot: 0, value: 1 });
  }

  #recursion(own: number): void {
    const guard = this.#emit({ op: "jumpIfDeep", value: 6, target: 0 });
    this.#emit({ op: "call", callee: own });
    this.#patch(guard, this.code.length);
  }

  #branch(depth: number): void {
    const test = this.#emit({ op: "jumpIfAtLeast", slot: 0, value: 2, target: 0 }, true);
    this.#line++;
    this.#statement(depth + 1);
    this.#patch(test, this.code.length);
    this.#line++;
    this.#emit({ op: "nop" }, true);
  }

  /** `for (i = 0; i < n; i++) …`: initialisation, test and increment are three entries of one line. */
  #loop(depth: number): void {
    const slot = 1 + (this.#loops++ % (localCount - 1));
    const head = this.#line;
    this.#emit({ op: "setLocal", slot, value: 0 }, true);
    const toTest = this.#emit({ op: "jump", target: 0 });
    this.#line++;
    const body = this.code.length;
    this.#statement(depth + 1);
    const bodyEnd = this.#line;
    this.#line = head;
    this.#emit({ op: "addLocal", slot, value: 1 }, true);
    this.#patch(toTest, this.code.length);
    const exit = this.#emit({ op: "jumpIfAtLeast", slot, value: 1 + this.#random(3), target: 0 }, true);
    this.#emit({ op: "jump", target: body });
    this.#patch(exit, this.code.length);
    this.#line = bodyEnd + 1;
    this.#emit({ op: "nop" }, true);
  }

  /** `while (i++ < n) call();` in one line. */
  #oneLineLoop(): void {
    const slot = 1 + (this.#loops++ % (localCount - 1));
    this.#emit({ op: "setLocal", slot, value: 0 }, true);
    const top = this.code.length;
    const exit = this.#emit({ op: "jumpIfAtLeast", slot, value: 1 + this.#random(4), target: 0 }, true);
    this.#emit({ op: "addLocal", slot, value: 1 }, this.#random(2) === 0);
    if (this.#random(2) === 0) this.#guardedCall();
    else this.#emit({ op: "addGlobal", slot: 2, value: 1 });
    this.#emit({ op: "jump", target: top });
    this.#patch(exit, this.code.length);
    this.#line++;
    this.#emit({ op: "nop" }, true);
  }
}
