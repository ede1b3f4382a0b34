/** Packets that set and clear breakpoints and watchpoints: Z0 to Z4, z0 to z4. */
import type { BreakpointSpec } from "../../engine/engine.ts";
import { hexToBytes, parseAddress, parseCount } from "../hex.ts";
import { ok, type PacketRow, unsupported } from "../packetRow.ts";
import { error } from "../session.ts";

const einval = 22;

const kinds: Readonly<Record<string, BreakpointSpec["kind"]>> = {
  "0": "software",
  "1": "hardware",
  "2": "write",
  "3": "read",
  "4": "access",
};

export const breakpointPackets: readonly PacketRow[] = [
  {
    name: "Z",
    needs: "process",
    feature: "swbreak+;hwbreak+;ConditionalBreakpoints+",
    async run(session, rest) {
      if (kinds[rest[0] ?? ""] === undefined) return unsupported;
      const spec = parseBreakpoint(rest);
      if (spec === null) return error(einval);
      await session.breakpoints.insert(spec);
      return ok;
    },
  },
  {
    name: "z",
    needs: "process",
    async run(session, rest) {
      if (kinds[rest[0] ?? ""] === undefined) return unsupported;
      const spec = parseBreakpoint(rest);
      if (spec === null) return error(einval);
      await session.breakpoints.remove(spec);
      return ok;
    },
  },
];

/** "0,401136,1;X5,22061122ff…": type, address, kind (length of a watchpoint), conditions. Null when malformed. */
export function parseBreakpoint(text: string): BreakpointSpec | null {
  const [place, ...options] = text.split(";");
  const [type, addressText, kindText] = (place ?? "").split(",");
  const kind = kinds[type ?? ""];
  const address = parseAddress(addressText ?? "");
  const number = parseCount(kindText ?? "");
  if (kind === undefined || address === null || number === null) return null;
  const conditions: Uint8Array[] = [];
  for (const option of options) {
    if (!option.startsWith("X")) continue;
    const parsed = parseConditions(option);
    if (parsed === null) return null;
    conditions.push(...parsed);
  }
  const isExecution = kind === "software" || kind === "hardware";
  return { kind, address, length: isExecution ? 1 : number, conditions };
}

/** "Xlen,bytesXlen,bytes…": gdb 13 writes several conditions behind each other without a separator. */
function parseConditions(text: string): Uint8Array[] | null {
  const conditions: Uint8Array[] = [];
  let at = 0;
  while (at < text.length) {
    const match = /^X([0-9a-fA-F]{1,8}),/.exec(text.slice(at));
    const length = parseCount(match?.[1] ?? "");
    if (match === null || length === null) return null;
    const start = at + match[0].length;
    const bytes = hexToBytes(text.slice(start, start + 2 * length));
    if (bytes === null || bytes.length !== length) return null;
    conditions.push(bytes);
    at = start + 2 * length;
  }
  return conditions;
}
