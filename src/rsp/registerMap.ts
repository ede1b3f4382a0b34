/** Every register of the target description: number, type, and where its bytes lie in the engine's Registers. */
import type { XsaveLayout } from "../engine/xsaveLayout.ts";

/** Bits of XSTATE_BV, also the indexes of XSAVE components. */
export const xsaveComponent = { x87: 0, sse: 1, avx: 2, opmask: 5, zmmLow: 6, zmmHigh: 7, pkru: 9 } as const;

export type RegisterPlace =
  /** Byte offset in struct user_regs_struct. */
  | { readonly area: "general"; readonly offset: number }
  /** Byte offset in the XSAVE area; `bytes` of it (fewer than the register has for the x87 control registers). */
  | {
      readonly area: "xstate";
      readonly offset: number;
      readonly bytes: number;
      readonly component: number;
      readonly mask?: number;
    }
  /** The full x87 tag word, which XSAVE keeps in abridged form. */
  | { readonly area: "tagWord" };

export interface RegisterRow {
  readonly name: string;
  readonly bits: number;
  readonly type: string;
  readonly group?: string;
  readonly place: RegisterPlace;
}

export interface RegisterFeature {
  readonly name: string;
  readonly registers: readonly RegisterRow[];
}

/** The order of struct user_regs_struct, 8 bytes each. */
const generalOrder =
  "r15 r14 r13 r12 rbp rbx r11 r10 r9 r8 rax rcx rdx rsi rdi orig_rax rip cs eflags rsp ss fs_base gs_base ds es fs gs".split(
    " ",
  );

const coreInt64 = "rax rbx rcx rdx rsi rdi".split(" ");
const coreInt64High = "r8 r9 r10 r11 r12 r13 r14 r15".split(" ");
const segments = "cs ss ds es fs gs".split(" ");

/** name, offset in the FXSAVE part, bytes there, mask. */
const x87Control: readonly (readonly [string, number, number, number?])[] = [
  ["fctrl", 0, 2],
  ["fstat", 2, 2],
  ["ftag", 4, 1],
  ["fiseg", 12, 2],
  ["fioff", 8, 4],
  ["foseg", 20, 2],
  ["fooff", 16, 4],
  ["fop", 6, 2, 0x7ff],
];

/** gdb's own order and numbers for amd64 GNU/Linux (`maint print xml-tdesc`, gdb 13.1): rip is 16, orig_rax 57. */
export function registerFeatures(layout: XsaveLayout): RegisterFeature[] {
  const features = [
    { name: "org.gnu.gdb.i386.core", registers: coreRegisters() },
    { name: "org.gnu.gdb.i386.sse", registers: sseRegisters() },
    { name: "org.gnu.gdb.i386.linux", registers: [general("orig_rax", 64, "int")] },
    {
      name: "org.gnu.gdb.i386.segments",
      registers: [general("fs_base", 64, "int"), general("gs_base", 64, "int")],
    },
  ];
  const offsets = new Map(layout.components.map((c) => [c.index, c.offset]));
  const avx = offsets.get(xsaveComponent.avx);
  if (avx !== undefined) features.push({ name: "org.gnu.gdb.i386.avx", registers: avxRegisters(avx) });
  const mask = offsets.get(xsaveComponent.opmask);
  const low = offsets.get(xsaveComponent.zmmLow);
  const high = offsets.get(xsaveComponent.zmmHigh);
  if (mask !== undefined && low !== undefined && high !== undefined)
    features.push({ name: "org.gnu.gdb.i386.avx512", registers: avx512Registers(mask, low, high) });
  const pkru = offsets.get(xsaveComponent.pkru);
  if (pkru !== undefined)
    features.push({
      name: "org.gnu.gdb.i386.pkeys",
      registers: [vector("pkru", 32, "int", pkru, xsaveComponent.pkru)],
    });
  return features;
}

function general(name: string, bits: number, type: string): RegisterRow {
  return { name, bits, type, place: { area: "general", offset: generalOrder.indexOf(name) * 8 } };
}

function vector(name: string, bits: number, type: string, offset: number, component: number): RegisterRow {
  return { name, bits, type, place: { area: "xstate", offset, bytes: bits / 8, component } };
}

function numbered<T>(count: number, make: (index: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => make(index));
}

function coreRegisters(): RegisterRow[] {
  return [
    ...coreInt64.map((name) => general(name, 64, "int64")),
    general("rbp", 64, "data_ptr"),
    general("rsp", 64, "data_ptr"),
    ...coreInt64High.map((name) => general(name, 64, "int64")),
    general("rip", 64, "code_ptr"),
    general("eflags", 32, "i386_eflags"),
    ...segments.map((name) => general(name, 32, "int32")),
    ...numbered(8, (i) => vector(`st${i}`, 80, "i387_ext", 32 + 16 * i, xsaveComponent.x87)),
    ...x87Control.map(
      ([name, offset, bytes, mask]): RegisterRow => ({
        name,
        bits: 32,
        type: "int",
        group: "float",
        place:
          name === "ftag"
            ? { area: "tagWord" }
            : {
                area: "xstate",
                offset,
                bytes,
                component: xsaveComponent.x87,
                ...(mask === undefined ? {} : { mask }),
              },
      }),
    ),
  ];
}

function sseRegisters(): RegisterRow[] {
  return [
    ...numbered(16, (i) => vector(`xmm${i}`, 128, "vec128", 160 + 16 * i, xsaveComponent.sse)),
    { ...vector("mxcsr", 32, "i386_mxcsr", 24, xsaveComponent.sse), group: "vector" },
  ];
}

function avxRegisters(base: number): RegisterRow[] {
  return numbered(16, (i) => vector(`ymm${i}h`, 128, "uint128", base + 16 * i, xsaveComponent.avx));
}

/** Registers 16 to 31 lie whole (64 bytes each) in one component. */
function avx512Registers(mask: number, low: number, high: number): RegisterRow[] {
  const { opmask, zmmLow, zmmHigh } = xsaveComponent;
  return [
    ...numbered(16, (i) => vector(`xmm${i + 16}`, 128, "vec128", high + 64 * i, zmmHigh)),
    ...numbered(16, (i) => vector(`ymm${i + 16}h`, 128, "uint128", high + 64 * i + 16, zmmHigh)),
    ...numbered(8, (i) => vector(`k${i}`, 64, "uint64", mask + 8 * i, opmask)),
    ...numbered(16, (i) => vector(`zmm${i}h`, 256, "v2ui128", low + 32 * i, zmmLow)),
    ...numbered(16, (i) => vector(`zmm${i + 16}h`, 256, "v2ui128", high + 64 * i + 32, zmmHigh)),
  ];
}
