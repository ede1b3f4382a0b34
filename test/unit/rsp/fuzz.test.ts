import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { framePacket, PacketReader } from "../../../src/rsp/packetCodec.ts";
import { packetRows } from "../../../src/rsp/packetTable.ts";
import { RspServer } from "../../../src/rsp/server.ts";
import { FakeEngine, fakeXsave } from "../../helpers/fakeEngine.ts";
import { RspClient } from "../../helpers/rspClient.ts";

/** Set FUZZ_SEED to run one again. */
const seed = Number(process.env.FUZZ_SEED ?? Math.floor(Math.random() * 2 ** 31));
const packetCount = 10_000;

/** Small and repeatable (mulberry32). */
function makeRandom(start: number): (below: number) => number {
  let state = start;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}

const program = {
  pcs: Array.from({ length: 200 }, (_, i) => 0x401000n + BigInt(i)),
  memory: [
    { address: 0x401000n, bytes: new Uint8Array(256).fill(0x90) },
    { address: 0x402000n, bytes: new Uint8Array(64) },
  ],
};

/** Well-formed packets to be mutated. */
const samples = [
  "vRun;2f62696e2f70;61;3c;62",
  "vCont;s:p1.1;c",
  "vCont;r401000,401010",
  "vCont;C0b",
  "Z0,401003,1;X3,220127",
  "Z2,402000,4",
  "z0,401003,1",
  "m401000,40",
  "M402000,4:00010203",
  "X402000,2:ab",
  "x401000,20",
  "G00",
  "P10=0010400000000000",
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

describe(`random packets, FUZZ_SEED=${seed}`, () => {
  let directory: string;
  let server: RspServer;
  let client: RspClient;

  beforeEach(async () => {
    console.log(`FUZZ_SEED=${seed}`);
    directory = mkdtempSync(path.join(tmpdir(), "fred-fuzz-"));
    server = new RspServer(new FakeEngine(program), { xsave: fakeXsave, env: {} });
    await server.listen(path.join(directory, "s"));
    client = await RspClient.connect(path.join(directory, "s"));
  });

  afterEach(async () => {
    await client.close();
    await server.close();
    rmSync(directory, { recursive: true });
  });

  it("each get exactly one reply, and the server still works after 10,000", async () => {
    const random = makeRandom(seed);
    const pick = <T>(from: readonly T[]): T => from[random(from.length)] as T;
    const mutate = (body: string) => {
      const at = random(body.length + 1);
      const byte = String.fromCharCode(pick([random(256), 0x30 + random(10), 0x2c, 0x3a, 0x3b]));
      return pick([
        () => body.slice(0, at) + byte + body.slice(at + 1),
        () => body.slice(0, at) + body.slice(at + 1 + random(4)),
        () => body.slice(0, at) + byte.repeat(random(40)) + body.slice(at),
        () => body + pick(samples),
      ])();
    };
    for (let i = 0; i < packetCount; i++) {
      if (i % 50 === 0) await client.ask("vRun;2f62696e2f70");
      const kind = random(4);
      let body = pick(samples);
      if (kind === 1) body = pick(packetRows).name + pick(samples).slice(random(5));
      if (kind === 2) body = String.fromCharCode(...Array.from({ length: random(30) }, () => random(256)));
      for (let n = random(3); n > 0; n--) body = mutate(body);
      if (isSkipped(body)) continue;
      const reply = await client.ask(escapeForStub(body));
      expect(typeof reply, JSON.stringify(body)).toBe("string");
    }
    expect(await client.ask("vRun;2f62696e2f70")).toMatch(/^T05/);
    expect(await client.ask("m401000,4")).toBe("90909090");
  });

  it("raw garbage neither ends nor blocks the server", async () => {
    const random = makeRandom(seed + 1);
    for (let i = 0; i < 500; i++) {
      const bytes = Buffer.from(Array.from({ length: random(2000) }, () => random(256)));
      client.sendRaw(bytes);
    }
    client.sendRaw(Buffer.alloc(3 << 20, 0x24));
    client.sendRaw(Buffer.concat([Buffer.from("$"), Buffer.alloc(3 << 20, 0x61), Buffer.from("#00")]));
    await client.close();
    await new Promise((done) => setTimeout(done, 50));
    client = await RspClient.connect(path.join(directory, "s"));
    expect(await client.ask("vRun;2f62696e2f70")).toMatch(/^T05/);
  });

  it("the reader finds the good packet behind any garbage, however it is cut", () => {
    const random = makeRandom(seed + 2);
    for (let i = 0; i < 2000; i++) {
      const garbage = Buffer.from(Array.from({ length: random(60) }, () => random(256)));
      // A "#" and two digits end a packet that the garbage may have opened.
      const stream = Buffer.concat([garbage, Buffer.from(`#00${framePacket("vCont;c")}`, "latin1")]);
      const reader = new PacketReader();
      const units = [];
      for (let at = 0; at < stream.length; ) {
        const length = 1 + random(9);
        units.push(...reader.push(stream.subarray(at, at + length)));
        at += length;
      }
      expect(units.at(-1)).toEqual({ kind: "packet", body: "vCont;c" });
    }
  });
});

/** What gdb escapes. */
function escapeForStub(body: string): string {
  return body.replace(/[#$}]/g, (c) => `}${String.fromCharCode(c.charCodeAt(0) ^ 0x20)}`);
}
