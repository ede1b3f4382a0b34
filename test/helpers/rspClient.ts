/** A gdb-like client for tests: raw packets in and out of an RspServer. */
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { framePacket, PacketReader } from "../../src/rsp/packetCodec.ts";

const replyDeadlineMs = 10_000;

export class RspClient {
  /** Text of O packets. */
  console = "";
  readonly #socket: Socket;
  readonly #reader = new PacketReader();
  readonly #packets: string[] = [];
  #isNoAck = false;
  #wake: () => void = () => {};

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("error", () => {});
    socket.on("data", (chunk: Buffer) => this.#receive(chunk));
  }

  /** Connected, acknowledgements off, multiprocess on. */
  static async connect(path: string): Promise<RspClient> {
    return await (await RspClient.connectRaw(path)).negotiate();
  }

  /** Where the server may not have seen yet that the one before is gone: a client that comes too early is turned away, and tries again. */
  static async connectAfter(previous: RspClient, path: string): Promise<RspClient> {
    await previous.close();
    const deadline = Date.now() + replyDeadlineMs;
    for (;;) {
      const client = await RspClient.connectRaw(path);
      client.send("?");
      if (await client.#isAnswered()) {
        await client.reply();
        return client;
      }
      if (Date.now() > deadline) throw new Error("the server takes nobody");
    }
  }

  /** False when the server has closed the connection instead. */
  async #isAnswered(): Promise<boolean> {
    const closed = once(this.#socket, "close").then(() => false);
    const answered = new Promise<boolean>((resolve) => {
      this.#wake = () => this.#packets.length > 0 && resolve(true);
    });
    return this.#packets.length > 0 || (await Promise.race([closed, answered]));
  }

  /** Acknowledgements off, multiprocess on. */
  async negotiate(): Promise<this> {
    await this.ask("qSupported:multiprocess+;swbreak+;hwbreak+;vContSupported+");
    await this.ask("QStartNoAckMode");
    this.#isNoAck = true;
    return this;
  }

  static async connectRaw(path: string): Promise<RspClient> {
    const socket = connect(path);
    await once(socket, "connect");
    return new RspClient(socket);
  }

  /** Sends a packet and returns the body of the reply. */
  async ask(body: string): Promise<string> {
    this.send(body);
    return this.reply();
  }

  send(body: string): void {
    this.sendRaw(Buffer.from(framePacket(body), "latin1"));
  }

  sendRaw(bytes: Uint8Array): void {
    this.#socket.write(bytes);
  }

  /** The next packet that is not console output. */
  async reply(): Promise<string> {
    const deadline = Date.now() + replyDeadlineMs;
    while (this.#packets.length === 0) {
      if (Date.now() > deadline) throw new Error("no reply in time");
      await new Promise<void>((done) => {
        const timer = setTimeout(done, deadline - Date.now());
        this.#wake = () => {
          clearTimeout(timer);
          done();
        };
      });
    }
    return this.#packets.shift() as string;
  }

  async close(): Promise<void> {
    this.#socket.end();
    if (!this.#socket.destroyed) await once(this.#socket, "close");
  }

  #receive(chunk: Buffer): void {
    for (const unit of this.#reader.push(chunk)) {
      if (unit.kind !== "packet") continue;
      if (!this.#isNoAck) this.#socket.write("+");
      if (/^O[0-9a-f]+$/.test(unit.body)) this.console += Buffer.from(unit.body.slice(1), "hex").toString();
      else this.#packets.push(unit.body);
    }
    this.#wake();
  }
}
