/** fred-ts's end of the socket to the shim inside gdb: serves its requests and sends ours while it waits. */
import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import { FredError, invariant } from "../../../errors.ts";
import { deferred } from "./deferred.ts";
import { LineReader } from "./lineReader.ts";
import type { PromptReport, ScratchPhase, ShimClient, ShimMethods, ShimSetup } from "./shimProtocol.ts";

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: Record<string, unknown>;
  readonly result?: unknown;
  readonly error?: { readonly message: string; readonly kind?: string };
}

/** An error that the shim answered with; `kind`: "gdb" (gdb refused), "interrupted" (^C), "badExpression", "shim" (its own). */
export class ShimError extends Error {
  readonly kind: string;

  constructor(kind: string, message: string) {
    super(message);
    this.kind = kind;
  }
}

/** A shim tells at most the texts of one command; more than this in a line is not one's. */
const longestLine = 1 << 24;

type Waiter = { resolve(value: unknown): void; reject(error: Error): void };

/** One shim per channel. Requests of ours are answered only while a request of the shim is being served. */
export class ShimChannel {
  readonly path: string;
  readonly #client: ShimClient;
  readonly #server: Server;
  readonly #waiters = new Map<number, Waiter>();
  #socket: Socket | null = null;
  readonly #lines = new LineReader();
  #lastId = 0;
  #depth = 0;
  #cancel: AbortController | null = null;
  #greeted = deferred<string>();

  /** `path` must not exist yet. */
  constructor(path: string, client: ShimClient) {
    this.path = path;
    this.#client = client;
    this.#server = createServer((socket) => this.#accept(socket));
    this.#greeted.promise.catch(() => {});
  }

  /** Throws FredError "socketFailed". */
  async listen(): Promise<void> {
    this.#server.listen(this.path);
    try {
      await once(this.#server, "listening");
    } catch (cause) {
      throw new FredError("socketFailed", { path: this.path, why: (cause as Error).message }, { cause });
    }
  }

  /** Resolves with gdb's version when the shim has greeted. */
  get greeted(): Promise<string> {
    return this.#greeted.promise;
  }

  async request<M extends keyof ShimMethods>(
    method: M,
    params: ShimMethods[M]["params"],
  ): Promise<ShimMethods[M]["result"]> {
    invariant(this.#depth > 0, `gdb was asked for ${method} while it was not waiting`);
    const socket = this.#socket;
    if (socket === null || socket.destroyed) throw new ShimError("closed", "gdb has ended");
    const id = ++this.#lastId;
    const answer = new Promise<unknown>((resolve, reject) => this.#waiters.set(id, { resolve, reject }));
    socket.write(`${JSON.stringify({ id, method, params })}\n`);
    return (await answer) as ShimMethods[M]["result"];
  }

  /** As if the user had typed ^C. */
  cancelCommand(): void {
    this.#cancel?.abort();
  }

  close(): void {
    this.#socket?.destroy();
    this.#server.close();
  }

  #accept(socket: Socket): void {
    if (this.#socket !== null) {
      socket.destroy();
      return;
    }
    this.#socket = socket;
    socket.setEncoding("utf8");
    socket.on("data", (text: string) => this.#receive(text));
    socket.on("error", () => {});
    socket.on("close", () => this.#closed());
  }

  #closed(): void {
    this.#cancel?.abort();
    this.#greeted.reject(new ShimError("closed", "gdb has ended"));
    for (const waiter of this.#waiters.values()) waiter.reject(new ShimError("closed", "gdb has ended"));
    this.#waiters.clear();
  }

  #receive(text: string): void {
    for (const line of this.#lines.push(text)) {
      const message = parseMessage(line);
      if (message !== null) this.#dispatch(message);
      else this.#socket?.destroy(); // who sends such a thing is no shim of ours
    }
    if (this.#lines.pendingLength > longestLine) this.#socket?.destroy();
  }

  #dispatch(message: Message): void {
    if (message.method === "cancel") this.#cancel?.abort();
    else if (message.method === "interrupt") this.#client.interrupt();
    else if (message.method !== undefined) void this.#serve(message);
    else this.#settle(message);
  }

  #settle(message: Message): void {
    const waiter = this.#waiters.get(message.id ?? 0);
    this.#waiters.delete(message.id ?? 0);
    if (message.error !== undefined) {
      waiter?.reject(new ShimError(message.error.kind ?? "shim", message.error.message));
    } else {
      waiter?.resolve(message.result);
    }
  }

  async #serve(message: Message): Promise<void> {
    this.#depth++;
    let answer: Message;
    try {
      answer = { result: (await this.#call(message.method ?? "", message.params ?? {})) ?? null };
    } catch (error) {
      answer = { error: { message: error instanceof Error ? error.message : String(error) } };
    } finally {
      this.#depth--;
    }
    if (this.#socket !== null && !this.#socket.destroyed) {
      this.#socket.write(`${JSON.stringify({ id: message.id, ...answer })}\n`);
    }
  }

  async #call(method: string, params: Record<string, unknown>): Promise<ShimSetup | undefined> {
    switch (method) {
      case "hello": {
        const greeting = params as unknown as { gdbVersion: string; pid: number };
        const setup = await this.#client.hello(greeting);
        this.#greeted.resolve(greeting.gdbVersion);
        return setup;
      }
      case "command":
        await this.#command(params as unknown as { name: string; argument: string; fromTty: boolean });
        return undefined;
      case "prompt":
        await this.#client.prompt(params as unknown as PromptReport);
        return undefined;
      case "scratch":
        await this.#client.scratch(params.phase as ScratchPhase, { isMute: params.isMute === true });
        return undefined;
      default:
        throw new FredError("internal", { what: `the shim sent "${method}"` });
    }
  }

  async #command(call: { name: string; argument: string; fromTty: boolean }): Promise<void> {
    // A command inside a command (fred-source) shares the outer one's ^C.
    if (this.#cancel !== null) {
      await this.#client.command(call, this.#cancel.signal);
      return;
    }
    this.#cancel = new AbortController();
    try {
      await this.#client.command(call, this.#cancel.signal);
    } finally {
      this.#cancel = null;
    }
  }
}

/** Null for a line that is no message. */
function parseMessage(line: string): Message | null {
  try {
    const value: unknown = JSON.parse(line);
    return isMessage(value) ? value : null;
  } catch {
    return null;
  }
}

function isMessage(value: unknown): value is Message {
  if (!isRecord(value)) return false;
  const { method, params, error } = value;
  if (method !== undefined && typeof method !== "string") return false;
  return (params === undefined || isRecord(params)) && (error === undefined || isRecord(error));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
