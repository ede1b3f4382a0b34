/** The loaded shared libraries, read from the dynamic linker's link map in the debuggee's memory. */
import type { Engine } from "../engine/engine.ts";
import { escapeXml } from "./xml.ts";

const auxvPhdr = 3n;
const auxvPhnum = 5n;
const programDynamic = 2;
const programPhdr = 6;
const dynamicDebug = 21n;
const programHeaderLength = 56;
/** More libraries than this is a broken list. */
const maxLibraries = 4096;
const maxNameLength = 4096;

/** r_state of struct r_debug; 1 and 2 while the dynamic linker adds or deletes. */
const consistent = 0;

interface Found {
  /** Address of r_debug. */
  readonly debug: bigint;
  readonly libraries: readonly Library[];
  readonly state: number;
}

interface Library {
  readonly linkMap: bigint;
  readonly base: bigint;
  readonly dynamic: bigint;
  readonly name: string;
}

/**
 * The list as gdb is told it. Going back to before the start-up has loaded its libraries must not take them away: gdb 13 crashes
 * when it has a catchpoint in one that goes ("catch throw" in libstdc++.so), and would read all symbols again.
 */
export class LibraryList {
  readonly #engine: Engine;
  #hasBegun = false;
  #startup: { readonly event: number; readonly found: Found } | null = null;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /** A new program. */
  forget(): void {
    this.#hasBegun = false;
    this.#startup = null;
  }

  /** Of the present state, which is `event` events after the start. */
  render(event: number): string {
    const found = readLibraries(this.#engine);
    const startup = this.#startup;
    if (found.state !== consistent) this.#hasBegun = true;
    else if (startup === null && this.#hasBegun) this.#startup = { event, found };
    const isBefore = startup !== null && event <= startup.event;
    const isLess = startup !== null && found.libraries.length < startup.found.libraries.length;
    return renderList(startup !== null && isBefore && isLess ? startup.found : found);
  }
}

/** `<library-list-svr4>`; without libraries for a static program and before the dynamic linker has made its list. */
function renderList({ debug, libraries }: Found): string {
  const [main, ...others] = libraries;
  if (main === undefined) return '<library-list-svr4 version="1.0"/>';
  // gdb 13 requires "lmid"; gdbserver gives r_debug's address as well.
  const rows = others.map(
    ({ name, linkMap, base, dynamic }) =>
      `<library name="${escapeXml(name)}" lm="${hex(linkMap)}" l_addr="${hex(base)}" l_ld="${hex(dynamic)}" lmid="${hex(debug)}"/>`,
  );
  return `<library-list-svr4 version="1.0" main-lm="${hex(main.linkMap)}">${rows.join("")}</library-list-svr4>`;
}

function readLibraries(engine: Engine): Found {
  const nothing: Found = { debug: 0n, libraries: [], state: consistent };
  try {
    const debug = findDebugStructure(engine);
    if (debug === null) return nothing;
    const state = viewOf(engine.readMemory(debug + 24n, 4)).getUint32(0, true);
    return { debug, libraries: walkLinkMap(engine, debug), state };
  } catch {
    return nothing;
  }
}

/** struct r_debug: DT_DEBUG of the main program's dynamic section; null without one. */
function findDebugStructure(engine: Engine): bigint | null {
  const auxv = readAuxv(engine);
  const headers = auxv.get(auxvPhdr);
  const count = Number(auxv.get(auxvPhnum) ?? 0n);
  if (headers === undefined || count === 0 || count > 1024) return null;
  const table = viewOf(engine.readMemory(headers, count * programHeaderLength));
  let bias = 0n;
  let dynamic: { readonly address: bigint; readonly length: number } | null = null;
  for (let at = 0; at + programHeaderLength <= table.byteLength; at += programHeaderLength) {
    const address = table.getBigUint64(at + 16, true);
    if (table.getUint32(at, true) === programPhdr) bias = headers - address;
    if (table.getUint32(at, true) === programDynamic)
      dynamic = { address, length: Number(table.getBigUint64(at + 40, true)) };
  }
  if (dynamic === null) return null;
  const section = viewOf(engine.readMemory(dynamic.address + bias, dynamic.length));
  for (let at = 0; at + 16 <= section.byteLength; at += 16)
    if (section.getBigInt64(at, true) === dynamicDebug) return section.getBigUint64(at + 8, true) || null;
  return null;
}

function walkLinkMap(engine: Engine, debug: bigint): Library[] {
  const libraries: Library[] = [];
  let linkMap = viewOf(engine.readMemory(debug + 8n, 8)).getBigUint64(0, true);
  while (linkMap !== 0n && libraries.length < maxLibraries) {
    const entry = viewOf(engine.readMemory(linkMap, 32));
    libraries.push({
      linkMap,
      base: entry.getBigUint64(0, true),
      name: readString(engine, entry.getBigUint64(8, true)),
      dynamic: entry.getBigUint64(16, true),
    });
    linkMap = entry.getBigUint64(24, true);
  }
  return libraries;
}

function readString(engine: Engine, address: bigint): string {
  if (address === 0n) return "";
  const bytes: Uint8Array[] = [];
  for (let at = address; at < address + BigInt(maxNameLength); ) {
    const length = 256 - Number(at & 255n);
    const piece = Buffer.from(engine.readMemory(at, length));
    const end = piece.indexOf(0);
    bytes.push(end < 0 ? piece : piece.subarray(0, end));
    if (end >= 0) break;
    at += BigInt(length);
  }
  return Buffer.concat(bytes).toString("utf8");
}

function readAuxv(engine: Engine): Map<bigint, bigint> {
  const view = viewOf(engine.auxiliaryVector());
  const entries = new Map<bigint, bigint>();
  for (let at = 0; at + 16 <= view.byteLength; at += 16)
    entries.set(view.getBigUint64(at, true), view.getBigUint64(at + 8, true));
  return entries;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function hex(value: bigint): string {
  return `0x${value.toString(16)}`;
}
