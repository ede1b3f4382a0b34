/** What the gdb front end needs of the parts that travel: commands, the server that gdb connects to, and hooks. */
import type { GdbDebugger, TravelTarget } from "../fred/backend/gdb/gdbDebugger.ts";
import type { PromptReport, ScratchPhase, ShimCommand } from "../fred/backend/gdb/shimProtocol.ts";

/** How a fred command speaks to the user: through gdb, so that paging, the TUI and redirection see it. */
export interface CommandConsole {
  print(text: string): Promise<void>;
  /** Runs a gdb script statement by statement, as -x does. */
  runScript(path: string): Promise<void>;
}

export interface TimeMachine {
  readonly commands: readonly ShimCommand[];
  readonly target: TravelTarget;
  /** Serves gdb at `socketPath`; resolves with the target that gdb connects to ("": gdb keeps its native one). */
  listen(socketPath: string): Promise<string>;
  /** The program's terminal; null: it inherits our descriptors. Called before gdb connects. */
  setTerminal(path: string | null): void;
  /** Called before any hook. `cancel` aborts the fred command that runs; `resuming` is called before the program runs. */
  connect(parts: {
    readonly debugger: GdbDebugger;
    readonly console: CommandConsole;
    readonly cancel: () => void;
    readonly resuming: () => void;
  }): void;
  command(name: string, argument: string, signal: AbortSignal): Promise<void>;
  prompt(report: PromptReport): Promise<void>;
  scratch(phase: ScratchPhase, options: { readonly isMute: boolean }): Promise<void>;
  close(): Promise<void>;
}
