/** Real gdb, the server, and the real engine with real programs. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { CheckpointId } from "../../../src/engine/engine.ts";
import { addonPath } from "../../../src/engine/nativeAddon.ts";
import { NativeEngine } from "../../../src/engine/nativeEngine.ts";
import type { RspEvent } from "../../../src/rsp/events.ts";
import { RspServer } from "../../../src/rsp/server.ts";
import { runGdb } from "../../helpers/gdbSession.ts";

const source = fileURLToPath(new URL("native.c", import.meta.url));

let directory: string;
let program: string;
let engine: NativeEngine;
let server: RspServer;
let socket: string;
let socketCount = 0;
let events: RspEvent[];

const inDirectory = (name: string) => path.join(directory, name);

/** native.c:N of the line marked so. */
function line(marker: string): string {
  const lines = readFileSync(source, "utf8").split("\n");
  return `native.c:${lines.findIndex((text) => text.includes(`at: ${marker} `)) + 1}`;
}

describe.skipIf(!existsSync(addonPath))(
  "gdb over the real engine (skipped when native/build is missing)",
  () => {
    beforeAll(() => {
      directory = mkdtempSync(path.join(tmpdir(), "fred-gdbn-"));
      program = inDirectory("native");
      execFileSync("gcc", ["-g", "-O0", "-o", program, source]);
      writeFileSync(inDirectory("in"), "hello\nworld\n");
    });

    afterAll(() => rmSync(directory, { recursive: true }));

    beforeEach(async () => {
      engine = new NativeEngine();
      server = new RspServer(engine);
      server.setLaunchDefaults({ tty: null, checkpointHz: 10, tracker: "auto", cwd: directory });
      events = [];
      server.onEvent((event) => events.push(event));
      socket = inDirectory(`s${socketCount++}`);
      await server.listen(socket);
      return async () => {
        await server.close();
        await engine.close();
      };
    });

    const gdb = (...commands: string[]) => runGdb({ socket, program, commands });

    it("runs with redirections, and natively the same output comes out", async () => {
      const output = await gdb("run x < in > out", "run < in >> out 2>&1");
      expect(output.match(/exited with code 07/g)).toHaveLength(2);
      const once = execFileSync("sh", ["-c", `"${program}" x < in; true`], {
        cwd: directory,
        encoding: "utf8",
      });
      expect(readFileSync(inDirectory("out"), "utf8")).toBe(once + once);
    });

    it("breaks, steps, finishes, prints, and knows libraries and thread-locals", async () => {
      const output = await gdb(
        "break add",
        "run < in > out",
        "bt",
        "next",
        "finish",
        `tbreak ${line("vector")}`,
        "delete 1",
        "continue",
        "print errno",
        "print mine",
        "info sharedlibrary",
        "stepi 2",
        "print $xmm7.v2_int64[0] == 0x1122334455667788",
        "print $zmm7.v8_int64[0] == 0x1122334455667788",
        "info proc",
        "info threads",
      );
      expect(output).toMatch(/#0 {2}add \(v=0\)[\s\S]*#1 {2}0x[0-9a-f]+ in main/);
      expect(output).toContain("Value returned is $1 = 0");
      expect(output).toContain("$2 = 9");
      expect(output).toContain("$3 = 43");
      expect(output).toMatch(/Yes.*libc\.so/);
      expect(output).toContain("$4 = 1");
      expect(output).toContain("$5 = 1");
      expect(output).toContain(`exe = '${program}'`);
      expect(output).not.toMatch(/warning|Failed/);
    });

    it("evaluates conditions in the engine: gdb hears one stop", async () => {
      const output = await gdb("break add if v == 7 && total > 20", "run < in > out", "print v");
      expect(output).toContain("$1 = 7");
      expect(events.filter(({ kind }) => kind === "stopped").length).toBeLessThan(8);
    });

    it("watches, forwards and back", async () => {
      const output = await gdb(
        `break ${line("add")} if v == 4`,
        "run < in > out",
        "delete",
        "watch total",
        "continue",
        "continue",
        "reverse-continue",
        "print total",
      );
      expect(output).toMatch(/Old value = 6\s+New value = 10/);
      expect(output).toMatch(/Old value = 10\s+New value = 15/);
      expect(output).toContain("$1 = 10");
    });

    it("steps back and forth over a watched write without stopping for it", async () => {
      const output = await gdb(
        `break ${line("add")} if v == 4`,
        "run < in > out",
        "delete",
        "watch total",
        "stepi 4",
        "stepi",
        "reverse-stepi",
        "reverse-stepi",
        "print total",
      );
      expect(output).not.toContain("SIGINT");
      expect(output).toContain("$1 = ");
    });

    it("steps back and forth by instructions to the same registers", async () => {
      const output = await gdb(
        "break add if v == 3",
        "run < in > out",
        "stepi",
        "info registers",
        "stepi",
        "reverse-stepi",
        "info registers",
        "reverse-stepi",
        "reverse-stepi",
        "stepi",
        "stepi",
        "info registers",
      );
      const tables = output.match(/^rax [\s\S]*?^k7.*$/gm);
      expect(tables).toHaveLength(3);
      expect(new Set(tables)).toHaveLength(1);
    });

    it("reports crashes, and lets them kill the program", async () => {
      const output = await gdb(
        "run c",
        "print $_siginfo.si_signo",
        "x/i $pc",
        "continue",
        "run a",
        "kill",
        "info program",
      );
      expect(output).toContain("Program received signal SIGSEGV");
      expect(output).toContain("$1 = 11");
      expect(output).toContain("Program terminated with signal SIGSEGV");
      expect(output).toContain("Program received signal SIGABRT");
      expect(output).toContain("The program being debugged is not being run");
    });

    it("delivers signals that gdb passes, with and without a stop", async () => {
      const output = await gdb(
        "run s < in > out",
        "continue",
        "handle SIGUSR1 nostop noprint pass",
        "run s < in > out",
      );
      expect(output).toContain("Program received signal SIGUSR1");
      expect(output.match(/exited with code 07/g)).toHaveLength(2);
      expect(readFileSync(inDirectory("out"), "utf8")).toContain("caught 10");
    });

    it("stops an endless loop on ^C", async () => {
      const commands = [
        `tbreak ${line("raise")}`,
        "run l",
        // Not before gdb has resumed the program: until then ^C ends gdb's own work ("Quit").
        "python import threading, os, signal",
        "python press = threading.Timer(1, lambda: os.kill(os.getpid(), signal.SIGINT))",
        "python gdb.events.cont.connect(lambda _: press.ident or press.start())",
        "continue",
        "print spins > 0",
        "info symbol $pc",
      ];
      const output = await runGdb({ socket, program, commands });
      expect(output).toContain("Program received signal SIGINT");
      expect(output).toContain("$1 = 1");
      expect(output).toContain("main + ");
    });

    it("travels to a checkpoint in the place of a resume, also from behind the end", async () => {
      let checkpoint: CheckpointId | null = null;
      server.onEvent((event) => {
        if (event.kind === "launched") writeFileSync(inDirectory("pid"), String(event.stop.pid));
        // The last one is the user's; before it gdb stops inside the dynamic linker.
        if (event.kind === "stopped" && event.stop.kind === "breakpoint")
          void engine.takeCheckpoint("stop").then((info) => {
            checkpoint = info.id;
          });
        if (event.kind === "exited" && checkpoint !== null) server.stageTravel(checkpoint);
      });
      const output = await gdb(
        "break add if v == 5",
        "run < in > out",
        "continue",
        `python gdb.execute("attach " + open("${inDirectory("pid")}").read())`,
        "print total",
        "next",
        "delete",
        "continue",
      );
      expect(output).toContain("$1 = 10");
      expect(output).toContain("total += v; /* at: add */");
      expect(output.match(/exited with code 07/g)).toHaveLength(2);
    });

    it("calls functions, and a write in the past starts a branch", async () => {
      const output = await gdb(
        "break add if v == 5",
        "run < in > out",
        "stepi",
        "reverse-stepi",
        "set var total = 1000",
        "delete",
        "print add(100)",
        "continue",
      );
      expect(output).toContain("$1 = 1000");
      expect(events.filter(({ kind }) => kind === "branch")).toHaveLength(1);
      expect(readFileSync(inDirectory("out"), "utf8")).toContain("total 1135");
    });

    it("steps back over an inferior call made at the head", async () => {
      // gdb's call returns to a breakpoint on the stack, which is not executable: a SIGSEGV that gdb drops after it has
      // restored the registers.
      const output = await gdb(
        "break add if v == 5",
        "run < in > out",
        "print add(100)",
        "stepi",
        "reverse-stepi",
        "print total",
      );
      expect(output).toContain("$1 = 10");
      expect(output).not.toContain("SIGINT");
      expect(output).toContain("$2 = 110");
    });

    it("a program that cannot be started is told with its reason", async () => {
      const output = await gdb("set remote exec-file /no/such/file", "run", "info program");
      expect(output).toContain("failed");
      expect(events).toContainEqual({ kind: "message", text: expect.stringContaining("/no/such/file") });
    });
  },
);
