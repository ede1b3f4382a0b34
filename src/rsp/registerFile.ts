/** Reads and writes numbered registers in the engine's Registers (user_regs_struct and XSAVE area). */
import type { Registers } from "../engine/engine.ts";
import type { XsaveLayout } from "../engine/xsaveLayout.ts";
import {
  type RegisterFeature,
  type RegisterPlace,
  type RegisterRow,
  registerFeatures,
  xsaveComponent,
} from "./registerMap.ts";
import { abridgeTagWord, fullTagWord } from "./x87Tags.ts";

const xstateBvOffset = 512;
const generalLength = 27 * 8;
const initialFctrl = 0x37f;
const initialMxcsr = 0x1f80;

/** What a component holds before its first use (its XSTATE_BV bit is 0): zeros, but for two control registers. */
const initialValues = new Map<string, number>([
  ["fctrl", initialFctrl],
  ["mxcsr", initialMxcsr],
]);

export class RegisterFile {
  readonly features: readonly RegisterFeature[];
  readonly rows: readonly RegisterRow[];
  /** Bytes of a `g` packet. */
  readonly size: number;
  readonly #offsets: readonly number[];

  constructor(layout: XsaveLayout) {
    this.features = registerFeatures(layout);
    this.rows = this.features.flatMap((feature) => feature.registers);
    const offsets: number[] = [];
    let size = 0;
    for (const row of this.rows) {
      offsets.push(size);
      size += row.bits / 8;
    }
    this.#offsets = offsets;
    this.size = size;
  }

  numberOf(name: string): number {
    return this.rows.findIndex((row) => row.name === name);
  }

  /** Little-endian bytes; null when there is no such register. */
  read(registers: Registers, number: number): Uint8Array | null {
    const row = this.rows[number];
    if (row === undefined) return null;
    const out = new Uint8Array(row.bits / 8);
    readRow(row, registers, out);
    return out;
  }

  /** A 64-bit general register by name. */
  readGeneral(registers: Registers, name: string): bigint {
    const bytes = this.read(registers, this.numberOf(name)) ?? new Uint8Array(8);
    return new DataView(bytes.buffer).getBigUint64(0, true);
  }

  readAll(registers: Registers): Uint8Array {
    const out = new Uint8Array(this.size);
    this.rows.forEach((row, i) => {
      const start = this.#offsets[i] as number;
      readRow(row, registers, out.subarray(start, start + row.bits / 8));
    });
    return out;
  }

  /** A copy with that register changed; null when there is no such register or the length is wrong. */
  write(registers: Registers, number: number, bytes: Uint8Array): Registers | null {
    const row = this.rows[number];
    if (row === undefined || bytes.length !== row.bits / 8) return null;
    const changed = copyOf(registers);
    this.#writeRow(row, changed, bytes);
    return changed;
  }

  /** From a `G` packet: only registers that differ are written, so that a component stays in its initial state. */
  writeAll(registers: Registers, bytes: Uint8Array): Registers | null {
    if (bytes.length !== this.size) return null;
    const changed = copyOf(registers);
    const before = this.readAll(registers);
    this.rows.forEach((row, i) => {
      const start = this.#offsets[i] as number;
      const end = start + row.bits / 8;
      const value = bytes.subarray(start, end);
      if (Buffer.compare(value, before.subarray(start, end)) !== 0) this.#writeRow(row, changed, value);
    });
    return changed;
  }

  #writeRow(row: RegisterRow, registers: Registers, bytes: Uint8Array): void {
    const { place } = row;
    if (place.area === "general") {
      registers.general.fill(0, place.offset, place.offset + 8);
      registers.general.set(bytes, place.offset);
      return;
    }
    this.#activate(registers.xstate, componentOf(place));
    if (place.area === "tagWord") registers.xstate[4] = abridgeTagWord(bytes);
    else registers.xstate.set(bytes.subarray(0, place.bytes), place.offset);
  }

  /** Gives a component in its initial state that state's bytes, and marks it as in use. */
  #activate(xstate: Uint8Array, component: number): void {
    if (xstate.length < xstateBvOffset + 8 || isActive(xstate, component)) return;
    for (const row of this.rows) {
      if (row.place.area !== "xstate" || row.place.component !== component) continue;
      xstate.set(initialBytes(row).subarray(0, row.place.bytes), row.place.offset);
    }
    if (component === xsaveComponent.x87) xstate[4] = 0;
    const index = xstateBvOffset + (component >> 3);
    xstate[index] = (xstate[index] ?? 0) | (1 << (component & 7));
  }
}

function readRow(row: RegisterRow, registers: Registers, out: Uint8Array): void {
  const { place } = row;
  if (place.area === "general") {
    out.set(registers.general.subarray(place.offset, place.offset + out.length));
    return;
  }
  const { xstate } = registers;
  if (!isRowActive(row, xstate, componentOf(place))) {
    out.set(row.name === "ftag" ? [0xff, 0xff, 0, 0] : initialBytes(row));
    return;
  }
  if (place.area === "tagWord") {
    out.set(fullTagWord(xstate));
    return;
  }
  out.set(xstate.subarray(place.offset, place.offset + place.bytes));
  if (place.mask !== undefined) maskLittleEndian(out, place.mask);
}

function maskLittleEndian(bytes: Uint8Array, mask: number): void {
  for (let i = 0; i < bytes.length; i++) bytes[i] = (bytes[i] ?? 0) & ((mask >> (8 * i)) & 0xff);
}

function initialBytes(row: RegisterRow): Uint8Array {
  const bytes = new Uint8Array(row.bits / 8);
  const value = initialValues.get(row.name) ?? 0;
  for (let i = 0; i < 4 && i < bytes.length; i++) bytes[i] = (value >> (8 * i)) & 0xff;
  return bytes;
}

/** MXCSR belongs to SSE and AVX both: XSAVE writes it when either is saved. */
function isRowActive(row: RegisterRow, xstate: Uint8Array, component: number): boolean {
  return isActive(xstate, component) || (row.name === "mxcsr" && isActive(xstate, xsaveComponent.avx));
}

/** The FXSAVE part of an area without header is always in use. */
function isActive(xstate: Uint8Array, component: number): boolean {
  if (xstate.length < xstateBvOffset + 8) return component <= xsaveComponent.sse && xstate.length >= 512;
  return ((xstate[xstateBvOffset + (component >> 3)] ?? 0) & (1 << (component & 7))) !== 0;
}

function componentOf(place: Exclude<RegisterPlace, { area: "general" }>): number {
  return place.area === "tagWord" ? xsaveComponent.x87 : place.component;
}

function copyOf(registers: Registers): Registers {
  const general = new Uint8Array(Math.max(generalLength, registers.general.length));
  general.set(registers.general);
  return { general, xstate: Uint8Array.from(registers.xstate) };
}
