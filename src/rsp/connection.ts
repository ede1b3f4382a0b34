/** One gdb on a socket: packets in order, acknowledgements, console output, interrupts. */
import type { Socket } from "node:net";
import { textToHex } from "./hex.ts";
import { framePacket, PacketReader, type Unit } from "./packetCodec.ts";
import type { Reply } from "./packetRow.ts";

export interface ConnectionOptions {
  readonly socket: Socket;
  /** Asked for each packet: acknowledgements end with QStartNoAckMode, whose own reply is still acknowledged. */
  isNoAck(): boolean;
  answer(body: string): Reply | Promise<Reply>;
  onInterrupt(): void;
  onClose(): void;
}

export class Connection {
  readonly #options: ConnectionOptions;
  readonly #reader = new PacketReader();
  readonly #queue: string[] = [];
  #isAnswering = false;
  #isOpen = true;
  /** Sent again when gdb says "-". */
  #lastFrame = "";

  constructor(options: ConnectionOptions) {
    this.#options = options;
    const { socket } = options;
    socket.setNoDelay(true);
    socket.on("data", (chunk: Buffer) => this.#receive(chunk));
    socket.on("error", () => socket.destroy());
    socket.on("close", () => {
      this.#isOpen = false;
      this.#queue.length = 0;
      options.onClose();
    });
  }

  /** Text for gdb's console; only while gdb waits for the reply to a resume. */
  writeConsole(text: string): void {
    this.#write(framePacket(`O${textToHex(text)}`));
  }

  close(): void {
    this.#options.socket.destroy();
  }

  #receive(chunk: Buffer): void {
    for (const unit of this.#reader.push(chunk)) this.#take(unit);
    this.#startAnswering();
  }

  #startAnswering(): void {
    if (!this.#isAnswering) void this.#answerQueued();
  }

  #take(unit: Unit): void {
    switch (unit.kind) {
      case "packet":
        if (!this.#options.isNoAck()) this.#write("+");
        this.#queue.push(unit.body);
        break;
      case "badPacket":
        // A packet that is too long would be too long again: it is answered as unknown.
        if (unit.reason === "tooLong") this.#queue.push("");
        else if (!this.#options.isNoAck()) this.#write("-");
        break;
      case "nack":
        if (!this.#options.isNoAck() && this.#lastFrame !== "") this.#write(this.#lastFrame);
        break;
      case "interrupt":
        // It is meant for the resume that may stand before it in the same chunk.
        this.#startAnswering();
        this.#options.onInterrupt();
        break;
      case "ack":
        break;
    }
  }

  /**
   * Without awaiting where the reply is there at once: memory reads are answered in the same turn of the event
   * loop.
   */
  async #answerQueued(): Promise<void> {
    this.#isAnswering = true;
    try {
      for (let body = this.#queue.shift(); body !== undefined; body = this.#queue.shift()) {
        const answer = this.#options.answer(body);
        const reply = answer instanceof Promise ? await answer : answer;
        if (reply !== null) this.#reply(reply);
      }
    } finally {
      this.#isAnswering = false;
    }
  }

  #reply(body: string): void {
    this.#lastFrame = framePacket(body);
    this.#write(this.#lastFrame);
  }

  #write(text: string): void {
    if (this.#isOpen) this.#options.socket.write(text, "latin1");
  }
}
