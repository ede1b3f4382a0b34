/** Long output of fred commands in a small terminal: gdb's pages, and q to leave them. */
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, expect, test } from "vitest";
import { Terminal } from "../helpers/terminal.ts";
import { fredTs } from "../helpers/transcript.ts";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "../..");
let terminal: Terminal;

afterEach(async () => await terminal.dispose());

test("q at the end of a page ends the output of a fred command, and the prompt is back", async () => {
  terminal = Terminal.start(fredTs, ["gdb", "-q", "-nx"], { cwd: root });
  await terminal.expect("(gdb) ");
  await terminal.command("set height 10");
  terminal.send("fred-help");
  await terminal.expect("--Type <RET> for more");
  terminal.send("q");
  expect(await terminal.expect("(gdb) ")).not.toContain("--Type");
  expect(await terminal.command("print 6 * 7")).toBe("$1 = 42");
}, 60_000);
