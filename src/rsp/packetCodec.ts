/** gdb's remote protocol as bytes: framing, checksums, escapes, run lengths. Pure; no sockets. */

/** What a stream of gdb holds. Bodies are latin1 strings (one character per byte), unescaped. */
export type Unit =
  | { readonly kind: "packet"; readonly body: string }
  | { readonly kind: "badPacket"; readonly reason: "checksum" | "tooLong" }
  | { readonly kind: "ack" }
  | { readonly kind: "nack" }
  | { readonly kind: "interrupt" };

const dollar = 0x24;
const hash = 0x23;
const brace = "}";
const escapeBit = 0x20;

/** Longer packets are thrown away: gdb keeps to the PacketSize that we tell it. */
export const maxBodyLength = 1 << 20;

const singleByteUnits: Readonly<Record<number, Unit>> = {
  43: { kind: "ack" },
  45: { kind: "nack" },
  3: { kind: "interrupt" },
};

/**
 * Cuts a byte stream into units; bytes that belong to none are dropped. Keeps an unfinished packet for the next
 * push.
 */
export class PacketReader {
  #chunks: Buffer[] = [];
  #length = 0;
  #isTooLong = false;
  /** "body": after '$'; 1 or 2: that many checksum digits are missing. */
  #state: "outside" | "body" | 1 | 2 = "outside";
  #digits = "";

  push(chunk: Buffer): Unit[] {
    const units: Unit[] = [];
    let at = 0;
    while (at < chunk.length) at = this.#take(chunk, at, units);
    return units;
  }

  #take(chunk: Buffer, at: number, units: Unit[]): number {
    if (this.#state === "outside") return this.#takeOutside(chunk, at, units);
    if (this.#state === "body") return this.#takeBody(chunk, at);
    this.#digits += String.fromCharCode(chunk[at] as number);
    if (this.#state === 2) this.#state = 1;
    else units.push(this.#finish());
    return at + 1;
  }

  #takeOutside(chunk: Buffer, at: number, units: Unit[]): number {
    const byte = chunk[at] as number;
    if (byte === dollar) this.#start();
    else if (singleByteUnits[byte] !== undefined) units.push(singleByteUnits[byte]);
    return at + 1;
  }

  #start(): void {
    this.#state = "body";
    this.#chunks = [];
    this.#length = 0;
    this.#isTooLong = false;
    this.#digits = "";
  }

  /** A '$' inside a body starts anew: it is always escaped in data, so the packet before it was cut off. */
  #takeBody(chunk: Buffer, at: number): number {
    const end = chunk.indexOf(hash, at);
    const stop = end < 0 ? chunk.length : end;
    const restart = chunk.subarray(at, stop).lastIndexOf(dollar);
    if (restart >= 0) {
      this.#start();
      return at + restart + 1;
    }
    this.#length += stop - at;
    this.#isTooLong ||= this.#length > maxBodyLength;
    if (this.#isTooLong) this.#chunks = [];
    else this.#chunks.push(chunk.subarray(at, stop));
    if (end >= 0) this.#state = 2;
    return stop + 1;
  }

  #finish(): Unit {
    this.#state = "outside";
    if (this.#isTooLong) return { kind: "badPacket", reason: "tooLong" };
    const body = (
      this.#chunks.length === 1 ? (this.#chunks[0] as Buffer) : Buffer.concat(this.#chunks)
    ).toString("latin1");
    this.#chunks = [];
    if (!/^[0-9a-fA-F]{2}$/.test(this.#digits) || Number.parseInt(this.#digits, 16) !== checksum(body))
      return { kind: "badPacket", reason: "checksum" };
    return { kind: "packet", body: unescapeBinary(body) };
  }
}

export function checksum(body: string): number {
  let sum = 0;
  for (let i = 0; i < body.length; i++) sum += body.charCodeAt(i);
  return sum & 0xff;
}

/** A body → "$body#xx". The body must be escaped where it holds binary data (`escapeBinary`). */
export function framePacket(body: string): string {
  return `$${body}#${checksum(body).toString(16).padStart(2, "0")}`;
}

/** Binary data → what may stand in a packet: # $ } * become } and the byte xor 0x20. */
export function escapeBinary(bytes: Uint8Array): string {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
  return text.replace(/[#$}*]/g, (c) => brace + String.fromCharCode(c.charCodeAt(0) ^ escapeBit));
}

function unescapeBinary(body: string): string {
  if (!body.includes(brace)) return body;
  return body.replace(/\}([\s\S])/g, (_, c: string) => String.fromCharCode(c.charCodeAt(0) ^ escapeBit));
}

/**
 * "0* " → "0000": a character, '*', and a character that is the number of further copies plus 29. Only stubs send
 * run lengths: gdb leaves '*' in its binary data as it is, so this is for reading what a stub wrote. Null when
 * malformed.
 */
export function expandRunLengths(body: string): string | null {
  let out = "";
  for (let i = 0; i < body.length; i++) {
    if (body[i] !== "*") {
      out += body[i];
      continue;
    }
    const count = (body.charCodeAt(++i) || 0) - 29;
    const previous = out.at(-1);
    if (count < 3 || count > 97 || previous === undefined) return null;
    out += previous.repeat(count);
  }
  return out;
}
