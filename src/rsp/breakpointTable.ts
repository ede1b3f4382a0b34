/** gdb's Z and z packets against the engine: repeated insertion, changed conditions, addresses not mapped yet. */
import type { BreakpointSpec, Engine } from "../engine/engine.ts";
import { engineErrorCode } from "../engine/engineErrors.ts";

interface Entry {
  readonly spec: BreakpointSpec;
  isInserted: boolean;
}

/** The engine refuses these when nothing is mapped at the address. */
const unmappedCodes = new Set(["EFAULT", "EIO"]);

/**
 * gdb sends Z again for a breakpoint that is inserted (always-inserted mode, a changed condition) and expects that
 * it is then in with exactly these conditions. An address that is not mapped yet is tried again before each
 * resume.
 */
export class BreakpointTable {
  readonly #engine: Engine;
  readonly #entries = new Map<string, Entry>();

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  async insert(spec: BreakpointSpec): Promise<void> {
    const key = keyOf(spec);
    const old = this.#entries.get(key);
    if (old?.isInserted) {
      if (haveSameConditions(old.spec, spec)) return;
      await this.#engine.removeBreakpoint(spec);
      this.#entries.delete(key);
    }
    this.#entries.set(key, { spec, isInserted: await this.#tryInsert(spec) });
  }

  async remove(spec: Pick<BreakpointSpec, "kind" | "address" | "length">): Promise<void> {
    const key = keyOf(spec);
    const old = this.#entries.get(key);
    this.#entries.delete(key);
    if (old?.isInserted) await this.#engine.removeBreakpoint(spec);
  }

  async insertPending(): Promise<void> {
    for (const entry of this.#entries.values())
      if (!entry.isInserted) entry.isInserted = await this.#tryInsert(entry.spec);
  }

  /** After the process is gone gdb believes that none is inserted. */
  async clear(): Promise<void> {
    const hadAny = this.#entries.size > 0;
    this.#entries.clear();
    if (hadAny) await this.#engine.clearBreakpoints();
  }

  /** When the engine has forgotten its breakpoints with the process. */
  forget(): void {
    this.#entries.clear();
  }

  async #tryInsert(spec: BreakpointSpec): Promise<boolean> {
    try {
      await this.#engine.insertBreakpoint(spec);
      return true;
    } catch (error) {
      if (spec.kind === "software" && unmappedCodes.has(engineErrorCode(error) ?? "")) return false;
      throw error;
    }
  }
}

function keyOf(spec: Pick<BreakpointSpec, "kind" | "address" | "length">): string {
  return `${spec.kind}:${spec.address}:${spec.length}`;
}

function haveSameConditions(a: BreakpointSpec, b: BreakpointSpec): boolean {
  return (
    a.conditions.length === b.conditions.length &&
    a.conditions.every((bytes, i) => Buffer.compare(bytes, b.conditions[i] as Uint8Array) === 0)
  );
}
