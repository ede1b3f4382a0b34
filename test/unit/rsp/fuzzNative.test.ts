/** Random packets to the server over the real engine: each gets one reply, whatever they do to the program. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { addonPath } from "../../../src/engine/nativeAddon.ts";
import { NativeEngine } from "../../../src/engine/nativeEngine.ts";
import { RspServer } from "../../../src/rsp/server.ts";
import { escapeForStub, makeRandom, packetMaker } from "../../helpers/packetFuzz.ts";
import { RspClient } from "../../helpers/rspClient.ts";

/** Set FUZZ_SEED to run one again. */
const seed = Number(process.env.FUZZ_SEED ?? Math.floor(Math.random() * 2 ** 31));
const packetCount = 2500;
const source = fileURLToPath(new URL("native.c", import.meta.url));
const interrupt = Buffer.of(3);

describe.skipIf(!existsSync(addonPath))(
  `random packets, FUZZ_SEED=${seed} (skipped when native/build is missing)`,
  () => {
    let directory: string;
    let program: string;
    let engine: NativeEngine;
    let server: RspServer;
    let client: RspClient;

    beforeEach(async () => {
      directory = mkdtempSync(path.join(tmpdir(), "fred-fuzz-"));
      program = path.join(directory, "native");
      execFileSync("gcc", ["-g", "-O0", "-no-pie", "-o", program, source]);
      engine = new NativeEngine();
      server = new RspServer(engine);
      server.setLaunchDefaults({ tty: null, checkpointHz: 10, tracker: "auto", cwd: directory });
      await server.listen(path.join(directory, "s"));
      client = await RspClient.connect(path.join(directory, "s"));
    });

    afterEach(async () => {
      await client.close();
      await server.close();
      await engine.close();
      rmSync(directory, { recursive: true });
    });

    const hex = (text: string) => Buffer.from(text).toString("hex");
    const run = async () => {
      // A folder that does not exist, set by an earlier packet, is a good reason not to run.
      await client.ask("QSetWorkingDir:");
      return await client.ask(
        `vRun;${hex(program)};6c;${hex("<")};${hex("/dev/null")};${hex(">")};${hex("/dev/null")}`,
      );
    };
    const addressOf = (symbol: string) => {
      const line = execFileSync("nm", [program], { encoding: "utf8" })
        .split("\n")
        .find((text) => text.endsWith(` ${symbol}`));
      return Number.parseInt(line ?? "", 16);
    };

    it("leave a server that runs the program again", async () => {
      const random = makeRandom(seed);
      const main = addressOf("main");
      const makePacket = packetMaker(random, [main, main + 8, addressOf("total")]);
      for (let i = 0; i < packetCount; i++) {
        if (i % 25 === 0) await run();
        const body = makePacket();
        client.send(escapeForStub(body));
        // The program may compute for ever.
        if (/^(vCont|bc|bs|c|s|C|S)/u.test(body)) client.sendRaw(interrupt);
        await client.reply().catch((error: Error) => {
          throw new Error(`${error.message} to packet ${i}, ${JSON.stringify(body)}`);
        });
      }
      expect(await run()).toMatch(/^T05/u);
      expect(await client.ask(`m${main.toString(16)},1`)).toBe("55");
    });
  },
);
