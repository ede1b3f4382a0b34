/** `fred-ts gdb` without a terminal, against gdb itself: the same output, the same exit status. Native target, no engine. */
import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const helper = resolve("test/helpers/nativeGdb.mjs");
let folder = "";

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "batch mode "));
  writeFileSync(
    join(folder, "app.c"),
    '#include <stdio.h>\nint main(int argc, char **argv) {\n  puts(argc > 1 ? argv[1] : "none");\n  return 5;\n}\n',
  );
  execFileSync("gcc", ["-g", "-o", "app", "app.c"], { cwd: folder });
  writeFileSync(join(folder, "good.gdb"), "print 1\n# comment\nif 1\n  print 2\nend\n");
  writeFileSync(join(folder, "bad.gdb"), "print 1\n\nfoo\nprint 2\n");
  writeFileSync(join(folder, "script.py"), "import gdb\nprint('python', gdb.parameter('height'))\n");
});

afterAll(() => rmSync(folder, { recursive: true }));

interface Outcome {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function run(file: string, words: readonly string[], input = "", env = {}): Outcome {
  const { status, stdout, stderr } = spawnSync(file, words, {
    cwd: folder,
    input,
    encoding: "utf8",
    env: { ...process.env, ...env },
  });
  return { status, stdout, stderr };
}

function ours(words: readonly string[], input = "", env = {}): Outcome {
  return run(process.execPath, [helper, join(folder, "log"), ...words], input, env);
}

describe("the same as gdb", () => {
  test.each([
    ["a command that succeeds", ["-ex", "print 1"]],
    ["the last command fails", ["-ex", "print 1", "-ex", "foo"]],
    ["an earlier command fails", ["-ex", "foo", "-ex", "print 1"]],
    ["no command", []],
    ["a script", ["-x", "good.gdb", "-ex", "print 3"]],
    ["a script that fails", ["-ex", "print 0", "-x", "bad.gdb"]],
    ["a script that fails before a command", ["-x", "bad.gdb", "-ex", "print 3"]],
    ["a missing script", ["-x", "missing.gdb"]],
    ["a Python script", ["-x", "script.py"]],
    ["a run to the end", ["-ex", "break main", "-ex", "run", "-ex", "next", "-ex", "continue"]],
    ["a program that is left alive", ["-ex", "break main", "-ex", "run", "-ex", "foo"]],
    ["the child's status", ["-return-child-result", "-ex", "run"]],
    ["quit with a status", ["-ex", "quit 7", "-ex", "print 1"]],
  ])("%s", (_name, words) => {
    const all = ["-q", "-nx", "-batch", ...words, "--args", "./app", "a b"];
    expect(hidePids(ours(all))).toEqual(hidePids(run("gdb", all)));
  });

  test("commands from a pipe", () => {
    const input = "print 1\nfoo\nbreak main\nrun\nnext\ninfo line\n";
    const all = ["-q", "-nx", "./app"];
    expect(hidePids(ours(all, input))).toEqual(hidePids(run("gdb", all, input)));
  });
});

describe("a gdb that cannot be used ends in one line and status 1", () => {
  test("missing", () => {
    const { status, stderr } = ours(["--gdb", "/nowhere/gdb", "-batch", "./app"]);
    expect(stderr).toMatch(/^fred-ts: no program \/nowhere\/gdb was found; install gdb/u);
    expect(status).toBe(1);
  });

  test("without Python", () => {
    const fake = script(
      "nopython",
      'echo "GNU gdb (GDB) 14.2"\necho "Python scripting is not supported in this copy of GDB." >&2\n',
    );
    const { status, stderr } = ours(["--gdb", fake, "-batch", "./app"]);
    expect(stderr).toContain("has no Python; install the full gdb");
    expect(status).toBe(1);
  });

  test("too old", () => {
    const fake = script("old", 'echo "GNU gdb (GDB) 9.2"\n');
    expect(ours(["--gdb", fake, "-batch", "./app"]).stderr).toContain(
      "is gdb 9.2; fred-ts needs gdb 12 or newer",
    );
  });

  test("broken", () => {
    const fake = script("broken", "echo 'cannot load libfoo' >&2\nexit 3\n");
    expect(ours(["--gdb", fake, "-batch", "./app"]).stderr).toContain("cannot load libfoo");
  });
});

function script(name: string, body: string): string {
  const path = join(folder, name);
  writeFileSync(path, `#!/bin/sh\n${body}`);
  chmodSync(path, 0o755);
  return path;
}

function hidePids(outcome: Outcome): Outcome {
  const hide = (text: string) =>
    text.replace(/\bprocess \d+/gu, "process N").replace(/argv=0x[0-9a-f]+/gu, "argv=…");
  return { ...outcome, stdout: hide(outcome.stdout), stderr: hide(outcome.stderr) };
}
