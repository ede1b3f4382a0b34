/** Hexadecimal in packets: bytes, numbers, text. Parsers return null for what is not hexadecimal. */

export function bytesToHex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("hex");
}

export function hexToBytes(hex: string): Uint8Array | null {
  if (hex.length % 2 !== 0 || !/^[0-9a-fA-F]*$/.test(hex)) return null;
  return Uint8Array.from(Buffer.from(hex, "hex"));
}

export function textToHex(text: string): string {
  return Buffer.from(text, "utf8").toString("hex");
}

export function hexToText(hex: string): string | null {
  const bytes = hexToBytes(hex);
  return bytes === null ? null : Buffer.from(bytes).toString("utf8");
}

/** An address: up to 16 digits. */
export function parseAddress(hex: string): bigint | null {
  return /^[0-9a-fA-F]{1,16}$/.test(hex) ? BigInt(`0x${hex}`) : null;
}

/** A count, length or number: up to 8 digits. */
export function parseCount(hex: string): number | null {
  return /^[0-9a-fA-F]{1,8}$/.test(hex) ? Number.parseInt(hex, 16) : null;
}

/** "addr,length" as in m, M, X and vFile. */
export function parseAddressAndLength(text: string): { address: bigint; length: number } | null {
  const [first, second, ...rest] = text.split(",");
  if (first === undefined || second === undefined || rest.length > 0) return null;
  const address = parseAddress(first);
  const length = parseCount(second);
  return address === null || length === null ? null : { address, length };
}
