/** A gdb remote serial protocol server over an Engine, on a unix socket. */
import { chmodSync, rmSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import type { CheckpointId, Engine } from "../engine/engine.ts";
import { hostXsaveLayout, type XsaveLayout } from "../engine/xsaveLayout.ts";
import { FredError } from "../errors.ts";
import { Connection } from "./connection.ts";
import type { EventListener } from "./events.ts";
import type { LaunchDefaults } from "./launchSettings.ts";
import { dispatch } from "./packetTable.ts";
import { messageOf } from "./runner.ts";
import { Session } from "./session.ts";

export interface RspServerOptions {
  /** Absent: that of this CPU (needs the native addon). */
  readonly xsave?: XsaveLayout;
  /** The environment of programs, before gdb's changes. Absent: that of this process. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/**
 * Serves one gdb at a time; the debuggee outlives a connection. The engine stays the caller's: close() does not
 * end it.
 */
export class RspServer {
  readonly #session: Session;
  readonly #server: Server;
  #connection: Connection | null = null;
  #path: string | null = null;

  constructor(engine: Engine, options: RspServerOptions = {}) {
    this.#session = new Session(engine, {
      xsave: options.xsave ?? hostXsaveLayout(),
      env: options.env ?? process.env,
    });
    this.#server = createServer((socket) => this.#accept(socket));
    this.#session.runner.showOnConsole = (text) => {
      if (this.#session.runner.isMoving) this.#connection?.writeConsole(text);
    };
  }

  /** Only this user may connect. Throws FredError "socketFailed". */
  listen(path: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once("error", (cause) =>
        reject(new FredError("socketFailed", { path, why: cause.message }, { cause })),
      );
      this.#server.listen(path, () => {
        this.#path = path;
        chmodSync(path, 0o600);
        resolve();
      });
    });
  }

  /** Interrupts a run in flight, disconnects gdb and removes the socket. */
  async close(): Promise<void> {
    this.#session.runner.interrupt();
    this.#connection?.close();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
    if (this.#path !== null) rmSync(this.#path, { force: true });
  }

  /** The next vCont, bs, bc, vRun or vAttach restores this checkpoint instead of running. */
  stageTravel(id: CheckpointId): void {
    this.#session.runner.stagedTravel = id;
  }

  /** Resumes outside scratch never run past this state. */
  setLimit(id: CheckpointId | null): void {
    this.#session.runner.limit = id;
  }

  /** Stops what runs now, or else the next run. */
  interrupt(): void {
    this.#session.runner.interrupt();
  }

  /** gdb has come back to its prompt: a ^C that met no run is not meant for the next one. */
  forgetInterrupt(): void {
    this.#session.runner.forgetInterrupt();
  }

  setLaunchDefaults(defaults: LaunchDefaults): void {
    this.#session.launchSettings.defaults = defaults;
  }

  onEvent(listener: EventListener): () => void {
    return this.#session.events.on(listener);
  }

  /**
   * From "begin" to "end" gdb may write and resume without a branch; the old state then comes back. It comes back as well when
   * gdb resumes after "return" and before the next "call": a condition has called, and the program goes on. `isMute`: nobody is to
   * see what the calls show.
   */
  async scratch(phase: "begin" | "call" | "return" | "end", { isMute = false } = {}): Promise<void> {
    const { debuggee } = this.#session;
    if (phase === "end") await debuggee.endScratch();
    else if (phase !== "return" && !debuggee.isInScratch) await debuggee.beginScratch({ isMute });
    debuggee.isCalling = phase === "call";
  }

  #accept(socket: Socket): void {
    if (this.#connection !== null) {
      socket.destroy();
      return;
    }
    const session = this.#session;
    session.reset();
    session.runner.forgetInterrupt();
    const tell = (cause: unknown) => session.events.emit({ kind: "message", text: messageOf(cause) });
    const answer = (body: string) => dispatch(session, body, tell);
    // What the last gdb ran stops soon (see below); until then there is nothing that could be told.
    const still = session.runner.untilStill();
    let isStill = !session.runner.isMoving;
    const answerWhenStill = async (body: string) => {
      await still;
      isStill = true;
      return await answer(body);
    };
    this.#connection = new Connection({
      socket,
      isNoAck: () => session.isNoAck,
      answer: (body) => (isStill ? answer(body) : answerWhenStill(body)),
      onInterrupt: () => session.runner.interrupt(),
      onClose: () => this.#forgetConnection(),
    });
  }

  /** A gdb that goes away takes its breakpoints along; what runs is stopped for the next one. */
  #forgetConnection(): void {
    const session = this.#session;
    this.#connection = null;
    session.runner.interrupt();
    session.reset();
    session.breakpoints
      .clear()
      .catch((cause) => session.events.emit({ kind: "message", text: messageOf(cause) }));
  }
}
