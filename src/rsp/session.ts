/** The state behind the packets: one engine, what gdb has told, and the tools that handlers use. */
import type { Engine } from "../engine/engine.ts";
import type { XsaveLayout } from "../engine/xsaveLayout.ts";
import { BreakpointTable } from "./breakpointTable.ts";
import { Debuggee } from "./debuggee.ts";
import { EventSource } from "./events.ts";
import { HostFiles } from "./hostFiles.ts";
import { LaunchSettings } from "./launchSettings.ts";
import { LibraryList } from "./libraries.ts";
import { RegisterFile } from "./registerFile.ts";
import { Runner } from "./runner.ts";
import { renderStop, renderThread } from "./stopReply.ts";

export interface SessionOptions {
  readonly xsave: XsaveLayout;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Largest packet either side sends, in bytes. */
export const packetSize = 0x10000;

export class Session {
  readonly engine: Engine;
  readonly events = new EventSource();
  readonly debuggee: Debuggee;
  readonly breakpoints: BreakpointTable;
  readonly runner: Runner;
  readonly launchSettings: LaunchSettings;
  readonly registerFile: RegisterFile;
  readonly files = new HostFiles();
  readonly libraries: LibraryList;
  /** Features that this gdb announced in qSupported, without their "+". */
  gdbFeatures: ReadonlySet<string> = new Set();
  isNoAck = false;
  /** Address of glibc's description of link_map.l_tls_modid, when gdb has found that symbol. */
  tlsDescription: bigint | null = null;
  /** Content of the qXfer object being read in pieces, by its name and annex. */
  transfer: { readonly key: string; readonly content: Buffer } | null = null;

  constructor(engine: Engine, options: SessionOptions) {
    this.engine = engine;
    this.debuggee = new Debuggee(engine, this.events);
    this.breakpoints = new BreakpointTable(engine);
    this.runner = new Runner(engine, this.debuggee, this.breakpoints, this.events);
    this.launchSettings = new LaunchSettings(options.env);
    this.registerFile = new RegisterFile(options.xsave);
    this.libraries = new LibraryList(engine);
    this.events.on((event) => {
      if (event.kind !== "launched") return;
      this.tlsDescription = null;
      this.libraries.forget();
    });
  }

  get naming(): { readonly isMultiprocess: boolean } {
    return { isMultiprocess: this.gdbFeatures.has("multiprocess") };
  }

  /** A thread as gdb names it; precondition: there is a process. */
  threadText(tid: number): string {
    return renderThread({ pid: this.debuggee.stop?.pid ?? 0, tid }, this.naming);
  }

  /** The present stop as a reply; W00 without a process. */
  stopReply(): string {
    const { stop, phase, stopRegisters } = this.debuggee;
    if (stop === null || phase === "over" || stopRegisters === null) return "W00";
    return renderStop(stop, this.naming, this.registerFile, stopRegisters);
  }

  /** The reply to a command that moved the debuggee: W or X included. */
  moveReply(): string {
    const { stop, stopRegisters } = this.debuggee;
    if (stop === null) return error(1);
    return renderStop(stop, this.naming, this.registerFile, stopRegisters ?? emptyRegisters);
  }

  /** A new gdb has connected: what the last one negotiated is forgotten. */
  reset(): void {
    this.gdbFeatures = new Set();
    this.isNoAck = false;
    this.transfer = null;
    this.tlsDescription = null;
    this.files.closeAll();
  }
}

const emptyRegisters = { general: new Uint8Array(27 * 8), xstate: new Uint8Array() };

/** gdb shows most error numbers only as "failed"; 14 is EFAULT. */
export function error(number: number): string {
  return `E${number.toString(16).padStart(2, "0")}`;
}
