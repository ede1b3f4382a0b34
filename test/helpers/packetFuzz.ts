/** Random packets for the RSP server: good ones, and each kind of damage to them. */
import { packetRows } from "../../src/rsp/packetTable.ts";

export type Random = (below: number) => number;

/** Small and repeatable (mulberry32). */
export function makeRandom(start: number): Random {
  let state = start;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}

/** Well-formed packets to be mutated; `text`, `next` and `variable` are addresses of the program. */
const samples = (text: string, next: string, variable: string): readonly string[] => [
  "vRun;2f62696e2f70;61;3c;62",
  "vCont;s:p1.1;c",
  "vCont;c",
  `vCont;r${text},${next}`,
  "vCont;C0b",
  "bs",
  "bc",
  `Z0,${text},1;X3,220127`,
  `Z1,${text},1`,
  `Z2,${variable},4`,
  `z0,${text},1`,
  `m${text},40`,
  `M${variable},4:00010203`,
  `X${variable},2:ab`,
  `x${text},20`,
  "G00",
  "g",
  `P10=${"00".repeat(8)}`,
  "p10",
  "qXfer:features:read:target.xml:0,100",
  "qXfer:auxv:read::0,100",
  "qSupported:multiprocess+;swbreak+",
  "QPassSignals:e;10;14",
  "QEnvironmentHexEncoded:413d42",
  "QSetWorkingDir:2f",
  "vFile:open:2f6465762f6e756c6c,0,0",
  "vFile:pread:5,100,0",
  "vFile:fstat:5",
  "qRcmd,68656c70",
  "Hgp1.1",
  "vAttach;1",
  "D;1",
];

/** Packets without a reply, or (QStartNoAckMode) that change how replies come. */
const isSkipped = (body: string) => /^(R|k|QStartNoAckMode)/.test(body);

/** `addresses`: of text, of text somewhat later, of a variable. */
export function packetMaker(random: Random, addresses: readonly [number, number, number]): () => string {
  const [text, next, variable] = addresses.map((address) => address.toString(16)) as [string, string, string];
  const good = samples(text, next, variable);
  const pick = <T>(from: readonly T[]): T => from[random(from.length)] as T;
  const mutate = (body: string): string => {
    const at = random(body.length + 1);
    const byte = String.fromCharCode(pick([random(256), 0x30 + random(10), 0x2c, 0x3a, 0x3b]));
    return pick([
      () => body.slice(0, at) + byte + body.slice(at + 1),
      () => body.slice(0, at) + body.slice(at + 1 + random(4)),
      () => body.slice(0, at) + byte.repeat(random(40)) + body.slice(at),
      () => body + pick(good),
    ])();
  };
  const make = (): string => {
    const kind = random(4);
    let body = pick(good);
    if (kind === 1) body = pick(packetRows).name + pick(good).slice(random(5));
    if (kind === 2) body = String.fromCharCode(...Array.from({ length: random(30) }, () => random(256)));
    for (let n = random(3); n > 0; n--) body = mutate(body);
    return isSkipped(body) ? make() : body;
  };
  return make;
}

/** What gdb escapes. */
export function escapeForStub(body: string): string {
  return body.replace(/[#$}]/g, (c) => `}${String.fromCharCode(c.charCodeAt(0) ^ 0x20)}`);
}
