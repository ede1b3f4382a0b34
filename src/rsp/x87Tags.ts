/** The x87 tag word: XSAVE keeps one bit per register ("in use"), gdb shows two (valid, zero, special, empty). */

const tag = { valid: 0, zero: 1, special: 2, empty: 3 } as const;

/** The 32-bit `ftag` register of an XSAVE area. */
export function fullTagWord(xstate: Uint8Array): Uint8Array {
  const top = ((xstate[3] ?? 0) >> 3) & 7;
  const inUse = xstate[4] ?? 0;
  let word = 0;
  for (let physical = 0; physical < 8; physical++) {
    const logical = (physical + 8 - top) % 8;
    const start = 32 + 16 * logical;
    const value = (inUse >> physical) & 1 ? tagOf(xstate.subarray(start, start + 10)) : tag.empty;
    word |= value << (2 * physical);
  }
  return Uint8Array.of(word & 0xff, word >> 8, 0, 0);
}

/** `ftag` → the byte of XSAVE: a register is in use unless its tag says empty. */
export function abridgeTagWord(bytes: Uint8Array): number {
  const word = (bytes[0] ?? 0) | ((bytes[1] ?? 0) << 8);
  let inUse = 0;
  for (let physical = 0; physical < 8; physical++)
    if (((word >> (2 * physical)) & 3) !== tag.empty) inUse |= 1 << physical;
  return inUse;
}

function tagOf(value: Uint8Array): number {
  const exponent = (value[8] ?? 0) | (((value[9] ?? 0) & 0x7f) << 8);
  const hasIntegerBit = ((value[7] ?? 0) & 0x80) !== 0;
  if (exponent === 0x7fff) return tag.special;
  if (exponent === 0) return value.subarray(0, 8).every((byte) => byte === 0) ? tag.zero : tag.special;
  return hasIntegerBit ? tag.valid : tag.special;
}
