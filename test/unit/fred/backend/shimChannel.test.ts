/** The socket to the shim inside gdb, with shims that behave and others that do not. */
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ShimChannel } from "../../../../src/fred/backend/gdb/shimChannel.ts";
import type { ShimClient, ShimSetup } from "../../../../src/fred/backend/gdb/shimProtocol.ts";

let folder = "";
let channel: ShimChannel;
let shim: Shim;
/** What the command that a shim calls does. */
let work: (signal: AbortSignal) => Promise<void>;
/** Called for each interrupt that the shim passes on. */
let interrupted: () => void;

const client: ShimClient = {
  hello: async () => ({ isBatch: true }) as ShimSetup,
  command: async (_call, signal) => await work(signal),
  prompt: async () => {},
  scratch: async () => {},
  interrupt: () => interrupted(),
};

interface Answer {
  readonly id?: number;
  readonly method?: string;
  readonly result?: unknown;
  readonly error?: { readonly message: string };
}

/** The other end: lines out, messages in. */
class Shim {
  readonly closed: Promise<unknown>;
  readonly #answers: AsyncIterator<string>;
  readonly #socket: Socket;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("error", () => {});
    this.closed = new Promise((resolve) => socket.once("close", resolve));
    this.#answers = createInterface({ input: socket })[Symbol.asyncIterator]();
  }

  static async connect(): Promise<Shim> {
    const socket = connect(channel.path);
    await once(socket, "connect");
    return new Shim(socket);
  }

  send(text: string | Uint8Array): void {
    this.#socket.write(text);
  }

  call(id: number, method: string, params: unknown = {}): void {
    this.send(`${JSON.stringify({ id, method, params })}\n`);
  }

  async next(): Promise<Answer> {
    const { value, done } = await this.#answers.next();
    if (done) throw new Error("the channel was closed");
    return JSON.parse(value) as Answer;
  }

  vanish(): void {
    this.#socket.destroy();
  }
}

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "shim-"));
  channel = new ShimChannel(join(folder, "s"), client);
  await channel.listen();
  shim = await Shim.connect();
});

afterEach(() => {
  shim.vanish();
  channel.close();
  rmSync(folder, { recursive: true });
});

async function expectService(): Promise<void> {
  shim.call(7, "hello", { gdbVersion: "13.1", pid: 1 });
  expect(await shim.next()).toEqual({ id: 7, result: { isBatch: true } });
  expect(await channel.greeted).toBe("13.1");
}

test("a message is understood however it is cut", async () => {
  const line = Buffer.from(`${JSON.stringify({ id: 7, method: "hello", params: { gdbVersion: "é" } })}\n`);
  for (const byte of line) {
    shim.send(Buffer.of(byte));
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect((await shim.next()).id).toBe(7);
  expect(await channel.greeted).toBe("é");
});

test("a second client is turned away, the first one is served on", async () => {
  const second = await Shim.connect();
  await second.closed;
  await expectService();
});

describe("a client that is no shim is cut off", () => {
  test.each([
    ["no JSON", "GET / HTTP/1.1\n"],
    ["an empty line", "\n"],
    ["no object", "42\n"],
    ["null", "null\n"],
    ["a list", "[1]\n"],
    ["a method that is no name", '{"method": 3}\n'],
    ["parameters that are no object", '{"method": "prompt", "params": [1]}\n'],
    ["an error that is no object", '{"id": 1, "error": null}\n'],
    ["half a message and bytes that are no text", Buffer.from([0x7b, 0xff, 0xfe, 0x0a])],
  ])("%s", async (_name, text) => {
    shim.send(text);
    await shim.closed;
    await expect(channel.greeted).rejects.toThrow("gdb has ended");
  });

  test("a line without an end", async () => {
    shim.send(Buffer.alloc((1 << 24) + 1, 0x61));
    await shim.closed;
  });
});

test("a message of ten million characters is read at once", async () => {
  shim.call(7, "hello", { gdbVersion: "13.1", more: "x".repeat(1e7) });
  expect((await shim.next()).id).toBe(7);
});

describe("an odd message does no harm", () => {
  test.each([
    ["an answer that nobody waits for", { id: 99, result: 1 }],
    ["an answer without a number", { result: 1 }],
    ["an error that nobody waits for", { id: 99, error: {} }],
    ["a cancel without a command", { method: "cancel" }],
  ])("%s", async (_name, message) => {
    shim.send(`${JSON.stringify(message)}\n`);
    await expectService();
  });

  test("a ^C that gdb does not see is passed on", async () => {
    const passedOn = new Promise<void>((resolve) => {
      interrupted = resolve;
    });
    shim.send('{"method":"interrupt"}\n');
    await passedOn;
    await expectService();
  });

  test("an unknown method is answered with an error", async () => {
    shim.call(1, "explode");
    expect((await shim.next()).error?.message).toContain('the shim sent "explode"');
    await expectService();
  });
});

describe("a gdb that goes away", () => {
  test("while a command runs: it is cancelled", async () => {
    const cancelled = new Promise<void>((resolve) => {
      work = async (signal) => {
        shim.vanish();
        signal.addEventListener("abort", () => resolve());
        await cancelled;
      };
    });
    shim.call(1, "command", { name: "fred-undo", argument: "", fromTty: true });
    await cancelled;
  });

  test("while we wait for its answer: the wait ends", async () => {
    const failed = new Promise<unknown>((resolve) => {
      work = async () => {
        const answer = channel.request("print", { text: "hello" });
        shim.vanish();
        resolve(await answer.catch((error: unknown) => error));
      };
    });
    shim.call(1, "command", { name: "fred-undo", argument: "", fromTty: true });
    expect(String(await failed)).toContain("gdb has ended");
  });
});
