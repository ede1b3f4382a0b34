/** The target description (target.xml) that gdb reads by qXfer:features: registers with gdb's own types. */
import type { RegisterFeature, RegisterRow } from "./registerMap.ts";

/** name, first and last bit. */
type Field = readonly [string, number];

const eflags: readonly Field[] = [
  ["CF", 0],
  ["", 1],
  ["PF", 2],
  ["AF", 4],
  ["ZF", 6],
  ["SF", 7],
  ["TF", 8],
  ["IF", 9],
  ["DF", 10],
  ["OF", 11],
  ["NT", 14],
  ["RF", 16],
  ["VM", 17],
  ["AC", 18],
  ["VIF", 19],
  ["VIP", 20],
  ["ID", 21],
];

const mxcsr: readonly Field[] = [
  ["IE", 0],
  ["DE", 1],
  ["ZE", 2],
  ["OE", 3],
  ["UE", 4],
  ["PE", 5],
  ["DAZ", 6],
  ["IM", 7],
  ["DM", 8],
  ["ZM", 9],
  ["OM", 10],
  ["UM", 11],
  ["PM", 12],
  ["FZ", 15],
];

/** id, element type, count, field name in vec128. bfloat16 and ieee_half exist since gdb 11. */
const vectors: readonly (readonly [string, string, number, string])[] = [
  ["v8bf16", "bfloat16", 8, "v8_bfloat16"],
  ["v8h", "ieee_half", 8, "v8_half"],
  ["v4f", "ieee_single", 4, "v4_float"],
  ["v2d", "ieee_double", 2, "v2_double"],
  ["v16i8", "int8", 16, "v16_int8"],
  ["v8i16", "int16", 8, "v8_int16"],
  ["v4i32", "int32", 4, "v4_int32"],
  ["v2i64", "int64", 2, "v2_int64"],
];

const vec128 = [
  ...vectors.map(([id, type, count]) => `<vector id="${id}" type="${type}" count="${count}"/>`),
  '<union id="vec128">',
  ...vectors.map(([id, , , field]) => `<field name="${field}" type="${id}"/>`),
  '<field name="uint128" type="uint128"/>',
  "</union>",
].join("");

/** Types that a feature's registers use, declared in it. */
const featureTypes: Readonly<Record<string, string>> = {
  "org.gnu.gdb.i386.core": renderFlags("i386_eflags", eflags),
  "org.gnu.gdb.i386.sse": vec128 + renderFlags("i386_mxcsr", mxcsr),
  "org.gnu.gdb.i386.avx512": `${vec128}<vector id="v2ui128" type="uint128" count="2"/>`,
};

export function renderTargetDescription(features: readonly RegisterFeature[]): string {
  let number = 0;
  const rendered = features.map((feature) => {
    const registers = feature.registers.map((row) => renderRegister(row, number++)).join("");
    return `<feature name="${feature.name}">${featureTypes[feature.name] ?? ""}${registers}</feature>`;
  });
  return [
    '<?xml version="1.0"?><!DOCTYPE target SYSTEM "gdb-target.dtd">',
    "<target><architecture>i386:x86-64</architecture><osabi>GNU/Linux</osabi>",
    ...rendered,
    "</target>",
  ].join("");
}

function renderRegister(row: RegisterRow, number: number): string {
  const group = row.group === undefined ? "" : ` group="${row.group}"`;
  return `<reg name="${row.name}" bitsize="${row.bits}" type="${row.type}" regnum="${number}"${group}/>`;
}

function renderFlags(id: string, fields: readonly Field[]): string {
  const rendered = fields.map(
    ([name, bit]) => `<field name="${name}" start="${bit}" end="${bit}" type="bool"/>`,
  );
  return `<flags id="${id}" size="4">${rendered.join("")}</flags>`;
}
