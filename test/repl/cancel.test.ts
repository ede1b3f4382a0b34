/** A long search in a real terminal: it says what it does, and ^C ends it where it began. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeAll, expect, onTestFinished, test } from "vitest";
import { buildTargets } from "../helpers/targets.ts";
import { Terminal } from "../helpers/terminal.ts";
import { fredTs } from "../helpers/transcript.ts";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "../..");
let terminal: Terminal;

beforeAll(() => {
  buildTargets();
  execFileSync("make", ["-s", "-C", join(root, "examples")]);
});
afterEach(async () => await terminal.dispose());

test("^C ends a search that shows its progress: the user is where they were, and all works on", async () => {
  terminal = Terminal.start(fredTs, ["gdb", "-q", "-nx", "examples/list"], { cwd: root });
  await terminal.expect("(gdb) ");
  await terminal.command("break finished");
  await terminal.command("run");
  const place = await terminal.command("frame");
  expect(place).toContain("finished ()");
  // Never true, so each of thousands of statements would be looked at.
  terminal.send("fred-reverse-watch --first list_len(head) > 100");
  await terminal.expect(
    /list_len\(head\) > 100: looking at every statement, interval \d+ of \d+, \d+ statements done/u,
    60_000,
  );
  terminal.press("\x03");
  await terminal.expect("fred-reverse-watch cancelled: you are where you were.", 60_000);
  // The terminal's own echo of ^C may come behind the message.
  await terminal.expect("(gdb) ");
  expect(await terminal.command("frame")).toBe(place);
  expect(await terminal.command("print 6 * 7")).toBe("$1 = 42");
  expect(await terminal.command("info breakpoints")).toContain("keep y");
  expect(await terminal.command("next")).not.toContain("error");
}, 180_000);

test("^C ends a search whose expression calls a function that never returns", async () => {
  const begun = join(mkdtempSync(join(tmpdir(), "fred-cancel-")), "begun");
  onTestFinished(() => rmSync(dirname(begun), { recursive: true }));
  terminal = Terminal.start(fredTs, ["gdb", "-q", "-nx", "test/targets/build/watch_names"], {
    cwd: root,
    env: { UNENDING_BEGINS: begun },
  });
  await terminal.expect("(gdb) ");
  await terminal.command("break twice if x == 3");
  await terminal.command("run");
  const place = await terminal.command("frame");
  terminal.send("fred-reverse-watch unending()");
  await expect.poll(() => existsSync(begun), { timeout: 20_000, interval: 5 }).toBe(true);
  terminal.press("\x03");
  await terminal.expect("fred-reverse-watch cancelled: you are where you were.", 8000);
  await terminal.expect("(gdb) ");
  expect(await terminal.command("frame")).toBe(place);
  expect(await terminal.command("print calls")).toBe("$1 = 0");
  expect(await terminal.command("next")).toContain("return result");
}, 60_000);
