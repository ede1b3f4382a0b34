/** The type of a row in the packet table, from which dispatch and qSupported are computed. */
import type { Session } from "./session.ts";

/** A packet's body, already escaped; null: this packet has no reply. */
export type Reply = string | null;

export interface PacketRow {
  /**
   * A letter, or a word that ends at ":", ";", "," or the packet's end; words of several parts ("qXfer:auxv:read")
   * are matched before shorter ones.
   */
  readonly name: string;
  /** "process": gdb knows a process and it is stopped; else the reply is E01. */
  readonly needs: "nothing" | "process";
  /** What qSupported says when this packet exists: "QPassSignals+". */
  readonly feature?: string;
  /** `rest` is what follows the name, its delimiter included. */
  run(session: Session, rest: string): Reply | Promise<Reply>;
}

export const ok = "OK";
export const unsupported = "";

/** ":a;b" → "a;b": the rest of a packet without the delimiter after its name. */
export function afterDelimiter(rest: string): string {
  return rest.slice(1);
}
