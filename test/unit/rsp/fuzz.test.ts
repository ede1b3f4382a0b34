import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { framePacket, PacketReader } from "../../../src/rsp/packetCodec.ts";
import { RspServer } from "../../../src/rsp/server.ts";
import { FakeEngine, fakeXsave } from "../../helpers/fakeEngine.ts";
import { escapeForStub, makeRandom, packetMaker } from "../../helpers/packetFuzz.ts";
import { RspClient } from "../../helpers/rspClient.ts";

/** Set FUZZ_SEED to run one again. */
const seed = Number(process.env.FUZZ_SEED ?? Math.floor(Math.random() * 2 ** 31));
const packetCount = 10_000;

const program = {
  pcs: Array.from({ length: 200 }, (_, i) => 0x401000n + BigInt(i)),
  memory: [
    { address: 0x401000n, bytes: new Uint8Array(256).fill(0x90) },
    { address: 0x402000n, bytes: new Uint8Array(64) },
  ],
};

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
    const makePacket = packetMaker(random, [0x401000, 0x401010, 0x402000]);
    for (let i = 0; i < packetCount; i++) {
      if (i % 50 === 0) await client.ask("vRun;2f62696e2f70");
      const body = makePacket();
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
    client = await (await RspClient.connectAfter(client, path.join(directory, "s"))).negotiate();
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
