/** `fred-ts record` and `fred-ts replay --verify` with programs of Debian, as a user types them. */
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { spawn as spawnInTerminal } from "node-pty";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { isInstalled, realPrograms, sampleText, writeSamples } from "../helpers/realPrograms.ts";
import { targetPath } from "../helpers/targets.ts";
import { targetRow } from "../targets/index.ts";

const fred = resolve("bin/fred-ts");
const deadlineMs = 110_000;

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "fred-record-"));
  writeSamples(folder);
});
afterAll(() => rmSync(folder, { recursive: true }));

interface Outcome {
  readonly status: number | null;
  readonly signal: string | null;
  readonly output: string;
  readonly errors: string;
}

function run(path: string, words: readonly string[], input = ""): Outcome {
  const env = { ...process.env, XDG_DATA_HOME: join(folder, "store"), LC_ALL: "C" };
  const done = spawnSync(path, words, {
    cwd: folder,
    input,
    encoding: "latin1",
    timeout: deadlineMs,
    maxBuffer: 1 << 28,
    env,
  });
  return { status: done.status, signal: done.signal, output: done.stdout, errors: done.stderr };
}

const fredTs = (words: readonly string[], input = "") => run(process.execPath, [fred, ...words], input);

function clean(): void {
  rmSync(join(folder, "data.db"), { force: true });
}

function expectVerified(recording: string): void {
  const verified = fredTs(["replay", "--verify", recording]);
  expect(verified.errors).toBe("");
  expect(verified.output).toMatch(/identical: \d+ states and \d+ events/u);
  expect(verified.status).toBe(0);
}

/** The same as without us, and the same again from the disk. */
function expectFaithful(path: string, args: readonly string[], input = ""): void {
  const recording = join(folder, "one.recording");
  rmSync(recording, { recursive: true, force: true });
  clean();
  const native = run(path, args, input);
  clean();
  const recorded = fredTs(["record", "-o", recording, "--", path, ...args], input);
  expect(recorded).toEqual(native);
  expectVerified(recording);
}

/** Of a test's title: which programs it needs and are not here. */
function skipped(...programs: readonly string[]): string {
  const missing = programs.filter((program) => !existsSync(program));
  return missing.length === 0 ? "" : ` (skipped: no ${missing.join(", ")})`;
}

describe("programs of Debian: same output, same status, identical replay", () => {
  for (const program of realPrograms(sampleText())) {
    const why = isInstalled(program) ? "" : " (skipped: not installed)";
    test.skipIf(why !== "")(`${program.name}${why}`, () =>
      expectFaithful(program.path, program.args, program.stdin),
    );
  }

  const more: readonly (readonly [string, readonly string[]])[] = [
    ["/usr/bin/sort", ["--parallel=2", "-S", "64K", "text"]],
    ["/usr/bin/xz", ["-T2", "-1", "-k", "-c", "--block-size=300KiB", "text"]],
    ["/usr/bin/python3", ["-c", threads()]],
    ["/usr/bin/gcc", ["--version"]],
    ["/bin/sh", ["-c", "exec sort -r text"]],
    ["/bin/bash", ["-c", "for i in 1 2 3; do echo $i | tr 1-3 a-c; done; kill -SEGV $$"]],
  ];
  for (const [path, args] of more) {
    const why = existsSync(path) ? "" : " (skipped: not installed)";
    test.skipIf(why !== "")(`${path} ${args[0]}${why}`, () => expectFaithful(path, args));
  }

  const git = skipped("/usr/bin/git");
  test.skipIf(git !== "")(`git commit and gc${git}`, () => {
    for (const words of [
      ["init", "-q", "repo"],
      ["-C", "repo", "config", "user.email", "a@b"],
      ["-C", "repo", "config", "user.name", "a"],
    ])
      expect(run("/usr/bin/git", words).status).toBe(0);
    writeFileSync(join(folder, "repo", "file"), sampleText());
    run("/usr/bin/git", ["-C", "repo", "add", "."]);
    for (const words of [
      ["commit", "-q", "-m", "one"],
      ["gc", "-q"],
    ]) {
      const recording = join(folder, `git-${words[0]}.recording`);
      expect(fredTs(["record", "-o", recording, "git", "-C", "repo", ...words])).toMatchObject({
        status: 0,
        errors: "",
      });
      expectVerified(recording);
    }
  });
});

describe("servers with clients, and a screen", () => {
  const redis = skipped("/usr/bin/redis-server", "/usr/bin/redis-benchmark");
  test.skipIf(redis !== "")(`redis-server under load${redis}`, async () => {
    const port = String(await freePort());
    const words = ["redis-server", "--port", port, "--bind", "127.0.0.1", "--save", "", "--dir", folder];
    const server = startRecorded("redis", words);
    await expect
      .poll(() => run("redis-cli", ["-p", port, "ping"]).output, { timeout: 20_000 })
      .toBe("PONG\n");
    const load = run("redis-benchmark", ["-p", port, "-n", "300", "-c", "4", "-q", "-t", "set,get,lpush"]);
    expect(load.status).toBe(0);
    run("redis-cli", ["-p", port, "shutdown", "nosave"]);
    expect(await server.ended).toBe(0);
    expectVerified(server.recording);
  });

  const nginx = skipped("/usr/sbin/nginx", "/usr/bin/curl");
  test.skipIf(nginx !== "")(`nginx and curl${nginx}`, async () => {
    const port = await freePort();
    const home = mkdtempSync(join(folder, "nginx-"));
    const paths = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(
      (name) => `${name}_temp_path ${home}/${name};`,
    );
    writeFileSync(
      join(home, "conf"),
      `daemon off; master_process off; error_log ${home}/errors; pid ${home}/pid; events {}
       http { access_log off; ${paths.join(" ")} server { listen 127.0.0.1:${port}; root ${folder}; } }`,
    );
    const server = startRecorded("nginx", ["/usr/sbin/nginx", "-p", home, "-c", join(home, "conf")]);
    const address = `http://127.0.0.1:${port}/text`;
    await expect
      .poll(() => run("curl", ["-s", "-o", "/dev/null", address]).status, { timeout: 20_000 })
      .toBe(0);
    const client = join(folder, "curl.recording");
    expect(fredTs(["record", "-o", client, "curl", "-s", address])).toMatchObject({
      output: sampleText(),
      status: 0,
    });
    process.kill(Number(readFileSync(join(home, "pid"), "utf8")), "SIGQUIT");
    expect(await server.ended).toBe(0);
    expectVerified(server.recording);
    expectVerified(client);
  });

  const tmux = skipped("/usr/bin/tmux");
  test.skipIf(tmux !== "")(`tmux with its server and a shell${tmux}`, () => {
    const recording = join(folder, "tmux.recording");
    const command = [
      "tmux",
      "-S",
      join(folder, "tmux"),
      "-f",
      "/dev/null",
      "new-session",
      "-d",
      "echo inside; sleep 0.2",
    ];
    expect(fredTs(["record", "--follow-children", "-o", recording, ...command])).toMatchObject({
      status: 0,
      errors: "",
    });
    expectVerified(recording);
  });

  const vi = skipped("/usr/bin/vi");
  test.skipIf(vi !== "")(`vi in a terminal${vi}`, async () => {
    const recording = join(folder, "vi.recording");
    const file = join(folder, "written");
    const words = [fred, "record", "-o", recording, "/usr/bin/vi", "-u", "NONE", file];
    const terminal = spawnInTerminal(process.execPath, words, { cwd: folder, cols: 80, rows: 24 });
    const ended = new Promise<number>((done) => terminal.onExit(({ exitCode }) => done(exitCode)));
    let shown = "";
    terminal.onData((text) => {
      shown += text;
    });
    await expect.poll(() => shown, { timeout: 20_000 }).toContain("~");
    terminal.write("ihello\u001b:wq\r");
    expect(await ended).toBe(0);
    expect(readFileSync(file, "utf8")).toBe("hello\n");
    expectVerified(recording);
  });
});

describe("children that are recorded as well", () => {
  const families: readonly (readonly [string, readonly string[], number])[] = [
    ["gcc", ["-O1", "-o", "made", "made.c"], 4],
    [
      "bash",
      [
        "-c",
        "for i in 1 2; do echo $i | tr 12 ab; done; (exit 3); echo $?; sleep 0.05 & wait; kill -SEGV $$",
      ],
      6,
    ],
    [
      "perl",
      ["-e", "print `echo inner`; my $p = fork; exit 5 unless $p; waitpid $p, 0; print $? >> 8, qq(\n);"],
      2,
    ],
    ["python3", ["-c", "import subprocess; print(subprocess.run(['sh', '-c', 'kill -9 $$']).returncode)"], 2],
  ];
  test.each(families)("%s %j", (name, args, least) => {
    writeFileSync(join(folder, "made.c"), "int main(void) { return 42; }\n");
    const native = run(name, args);
    const recording = join(folder, `family-${name}.recording`);
    const recorded = fredTs(["record", "--follow-children", "-o", recording, "--", name, ...args]);
    expect(recorded).toEqual(native);
    const verified = fredTs(["replay", "--verify", recording]);
    expect(verified.errors).toBe("");
    expect(verified.output.match(/^timeline \d+ .*identical/gmu)?.length).toBeGreaterThanOrEqual(least);
    expect(fredTs(["info", recording]).output).toMatch(/a child of timeline \d+/u);
  });
});

describe("recordings as files", () => {
  test("without -o a recording gets a name that ls, info and replay know", () => {
    expect(fredTs(["record", "true"]).status).toBe(0);
    expect(fredTs(["ls"]).output).toMatch(/^true-0 .* true\n$/u);
    expect(fredTs(["info"]).output).toMatch(/ending: +exit status 0/u);
    expectVerified("true-0");
  });

  test("a packed recording needs nothing else", () => {
    const program = join(folder, "program");
    expect(run("/bin/cp", ["/bin/echo", program]).status).toBe(0);
    const recording = join(folder, "packed.recording");
    expect(fredTs(["record", "-o", recording, program, "hello"]).output).toBe("hello\n");
    expect(fredTs(["pack", recording]).output).toMatch(/copied|already/u);
    expect(fredTs(["info", recording]).output).toMatch(/all within/u);
    rmSync(program);
    expectVerified(recording);
    const session = fredTs(["replay", "-batch", "-ex", "info registers rip", recording]);
    expect(session.output).toMatch(/^rip /mu);
  });

  test("gdb stands at the end of a recording, travels at once, and changes nothing", () => {
    const recording = join(folder, "session.recording");
    expect(fredTs(["record", "-o", recording, targetPath("bug_array")]).output).toBe(
      targetRow("bug_array").stdout,
    );
    const commands = [
      "bt -1",
      "fred-reverse-watch game.limit != 0",
      "print game.limit",
      "set var game.limit = 5",
      "next",
      "print game.limit",
    ];
    const session = fredTs([
      "replay",
      "-nx",
      "-batch",
      ...commands.flatMap((each) => ["-ex", each]),
      recording,
    ]);
    const shown = session.output + session.errors;
    expect(shown).toMatch(/^#\d+ .* in _start/mu);
    expect(shown).toMatch(/^culprit: .*bug_array\.c:\d+/mu);
    expect(shown).toMatch(/^\$1 = (?!0$)\d+$/mu);
    expect(shown).toMatch(/this is a recording: it can be looked at/u);
    expect(shown).toMatch(/^\$2 = 0$/mu);
  });

  test("a file that has changed since is named", async () => {
    const library = join(folder, "big.so");
    writeFileSync(library, readFileSync("/bin/bash"), { mode: 0o755 });
    const recording = join(folder, "changed.recording");
    // Older than the recording, so that it is not kept as a copy.
    const { ctimeMs } = statSync(library);
    await expect.poll(() => Date.now()).toBeGreaterThan(ctimeMs + 20);
    expect(fredTs(["record", "-o", recording, library, "-c", "exit 3"]).status).toBe(3);
    rmSync(library);
    const verified = fredTs(["replay", "--verify", recording]);
    expect(verified.status).toBe(1);
    expect(verified.errors).toMatch(/big\.so.*pack/u);
  });

  test("what ends the writer leaves a recording up to there", async () => {
    for (const leastBytes of [110_000, 200_000, 400_000]) {
      const recording = join(folder, `killed-${leastBytes}.recording`);
      const script = "i=0; while :; do i=$((i + 1)); echo $i; done";
      const child = spawn(
        process.execPath,
        [fred, "record", "--hz", "50", "-o", recording, "/bin/sh", "-c", script],
        {
          stdio: "ignore",
        },
      );
      const log = join(recording, "0", "log");
      await expect
        .poll(() => statSync(log, { throwIfNoEntry: false })?.size ?? 0, { timeout: 20_000 })
        .toBeGreaterThan(leastBytes);
      child.kill("SIGKILL");
      await new Promise((done) => child.once("exit", done));
      const verified = fredTs(["replay", "--verify", recording]);
      expect(verified.errors).toBe("");
      expect(verified.output).toMatch(/identical: .*cut off/u);
    }
  });

  test("the program is killed from outside: what was recorded remains", async () => {
    const recording = join(folder, "victim.recording");
    const child = spawn(process.execPath, [fred, "record", "-o", recording, "/bin/sleep", "100"], {
      stdio: "pipe",
    });
    const victim = () => sleepingChild(child.pid as number);
    await expect.poll(victim, { timeout: 20_000 }).not.toBeNull();
    process.kill(victim() as number, "SIGKILL");
    const status = await new Promise((done) => child.once("exit", (code, signal) => done(code ?? signal)));
    expect(status).toBe("SIGKILL");
    expectVerified(recording);
  });

  test("a limit of size ends the recording, not the program", () => {
    const recording = join(folder, "limited.recording");
    const done = fredTs([
      "record",
      "--max-size",
      "150K",
      "-o",
      recording,
      "/bin/sh",
      "-c",
      "for i in 1 2 3; do echo $i; done",
    ]);
    expect(done).toMatchObject({ status: 0, output: "1\n2\n3\n" });
    expect(done.errors).toMatch(/ends before the program.*largest size/u);
    const total = readdirSync(join(recording, "0"), { withFileTypes: true }).length;
    expect(total).toBeGreaterThan(0);
  });

  test("a full disk ends the recording, not the program (skipped where tmpfs cannot be mounted)", {
    skip: !mayMount(),
  }, () => {
    const disk = join(folder, "disk");
    run("/bin/mkdir", ["-p", disk]);
    expect(run("/bin/mount", ["-t", "tmpfs", "-o", "size=64k", "fred-test", disk]).status).toBe(0);
    try {
      const done = fredTs(["record", "-o", join(disk, "r"), "/bin/echo", "still here"]);
      expect(done).toMatchObject({ status: 0, output: "still here\n" });
      expect(done.errors).toMatch(/No space left on device/u);
    } finally {
      run("/bin/umount", [disk]);
    }
  });
});

describe("bad input", () => {
  const cases: readonly (readonly [string, readonly string[], RegExp])[] = [
    ["no program", ["record"], /something is missing: usage: fred-ts record/u],
    ["an unknown program", ["record", "no-such-program"], /no such program on PATH/u],
    ["an unknown option", ["record", "--fast", "true"], /unknown option --fast/u],
    ["a bad size", ["record", "--max-size", "lots", "true"], /expected a size such as/u],
    ["a bad rate", ["record", "--hz", "-3", "true"], /a number from 0 to/u],
    ["no recording there", ["replay", "--verify", "nowhere"], /there is none in/u],
    ["a file for a recording", ["info", "text"], /there is none in/u],
    ["an unknown timeline", ["replay", "--timeline", "7", "true-0"], /there is no timeline 7/u],
  ];
  test.each(cases)("%s is told", (_, words, message) => {
    const done = fredTs(words);
    expect(done.errors).toMatch(message);
    expect(done.status).toBe(1);
  });

  test("a recording is not written over", () => {
    const recording = join(folder, "twice.recording");
    expect(fredTs(["record", "-o", recording, "true"]).status).toBe(0);
    const again = fredTs(["record", "-o", recording, "true"]);
    expect(again.status).toBe(1);
    expect(again.errors).toMatch(/File exists/u);
  });
});

function startRecorded(name: string, words: readonly string[]) {
  const recording = join(folder, `${name}.recording`);
  const child = spawn(process.execPath, [fred, "record", "-o", recording, ...words], {
    cwd: folder,
    stdio: "ignore",
  });
  const ended = new Promise<number | null>((done) => child.once("exit", done));
  return { recording, ended };
}

function freePort(): Promise<number> {
  return new Promise((done) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => done(port));
    });
  });
}

function threads(): string {
  return "import threading\nn=[0]\nl=threading.Lock()\ndef f():\n  for i in range(2000):\n    with l: n[0]+=1\nts=[threading.Thread(target=f) for i in range(4)]\n[t.start() for t in ts]\n[t.join() for t in ts]\nprint(n)";
}

function mayMount(): boolean {
  if (process.getuid?.() !== 0) return false;
  const probe = mkdtempSync(join(tmpdir(), "fred-mount-"));
  const isMounted =
    spawnSync("/bin/mount", ["-t", "tmpfs", "-o", "size=4k", "fred-probe", probe]).status === 0;
  if (isMounted) spawnSync("/bin/umount", [probe]);
  rmSync(probe, { recursive: true });
  return isMounted;
}

/** The recorded program, once it sleeps in its call; null before that. */
function sleepingChild(pid: number): number | null {
  for (const task of readdirSync(`/proc/${pid}/task`)) {
    const [child] = readFileSync(`/proc/${pid}/task/${task}/children`, "utf8")
      .trim()
      .split(" ")
      .filter(Boolean);
    if (child === undefined || readFileSync(`/proc/${child}/comm`, "utf8").trim() !== "sleep") continue;
    if (readFileSync(`/proc/${child}/wchan`, "utf8").includes("nanosleep")) return Number(child);
  }
  return null;
}
