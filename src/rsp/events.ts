/** What the server tells its owner while gdb drives the debuggee. */
import type { Stop } from "../engine/engine.ts";

export type RspEvent =
  | {
      readonly kind: "launched";
      readonly stop: Stop;
      readonly path: string;
      readonly argv: readonly string[];
    }
  | { readonly kind: "running" }
  /** Told before gdb hears of it. */
  | { readonly kind: "stopped"; readonly stop: Stop }
  /** gdb hears that the process is gone; it is parked and can travel back. */
  | { readonly kind: "exited"; readonly stop: Stop }
  /** gdb killed or detached; the timeline is forgotten. */
  | { readonly kind: "killed" }
  /** A line for the user that gdb cannot show (or shows without its cause). */
  | { readonly kind: "message"; readonly text: string }
  /** The past was changed: what was recorded after here is a branch now; `lines` say what cannot be undone. */
  | { readonly kind: "branch"; readonly lines: readonly string[] };

export type EventListener = (event: RspEvent) => void;

export class EventSource {
  readonly #listeners = new Set<EventListener>();

  on(listener: EventListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  emit(event: RspEvent): void {
    for (const listener of [...this.#listeners]) listener(event);
  }
}
