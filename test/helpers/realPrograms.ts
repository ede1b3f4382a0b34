/** Programs of Debian with real work each: what is run, and what it works on. Most are stripped and optimised. */
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export interface RealProgram {
  /** Name of the test: the program, and what it does when there are several rows for it. */
  readonly name: string;
  readonly path: string;
  readonly args: readonly string[];
  readonly stdin: string;
}

const lineCount = 24_000;

/** Over a megabyte of text that is neither all the same nor random. */
export function sampleText(): string {
  let x = 12345;
  const lines: string[] = [];
  for (let i = 0; i < lineCount; i++) {
    x = (Math.imul(x, 1103515245) + 12345) >>> 0;
    lines.push(`line ${i} value ${x % 1009} ${"abcdefghij".slice(0, x % 10)} checksum ${x.toString(16)}`);
  }
  return `${lines.join("\n")}\n`;
}

/** The files that the programs work on; called once in an empty folder. */
export function writeSamples(folder: string): void {
  const text = sampleText();
  writeFileSync(join(folder, "text"), text);
  writeFileSync(
    join(folder, "numbers.json"),
    JSON.stringify(Array.from({ length: 2000 }, (_, i) => ({ id: i, value: (i * 7919) % 1009 }))),
  );
  mkdirSync(join(folder, "tree", "deep"), { recursive: true });
  for (let i = 0; i < 20; i++)
    writeFileSync(join(folder, "tree", i % 2 ? "deep" : "", `file${i}`), text.slice(0, i * 999));
}

const sql = `create table t(a integer primary key, b text);
begin; with recursive c(x) as (select 1 union all select x+1 from c where x<3000) insert into t select x, x*x || ' squared' from c; commit;
create index i on t(b); update t set b = b || '!' where a % 7 = 0; delete from t where a % 11 = 0;
select count(*), sum(length(b)), min(b), max(b) from t; begin; delete from t; rollback; select count(*) from t;`;
const lua = `local t = {} for i = 1, 20000 do t[i] = i * 7919 % 1009 end table.sort(t)
local ok, why = pcall(function() error({code = 42}) end)
print(t[1], t[20000], #table.concat(t, " "), why.code, string.rep("ab", 3), ("x=1,y=2"):gsub("(%w)=(%w)", "%2=%1"))`;
const perl = `my %count; while (<STDIN>) { $count{$1}++ while /(\\w+)/g } my @top = sort { $count{$b} <=> $count{$a} || $a cmp $b } keys %count;
print join(" ", map { "$_:$count{$_}" } @top[0..5]), "\\n"; eval { die "caught\\n" }; print $@; exit 3;`;
const tcl = `proc fib n { if {$n < 2} { return $n }; expr {[fib [expr {$n-1}]] + [fib [expr {$n-2}]]} }
puts "[fib 15] [lsort -integer {5 3 9 1}] [regsub -all {o} "foo boo" 0]"\n`;
const shell = `total=0; i=0
while [ $i -lt 400 ]; do i=$((i + 1)); total=$((total + i * i)); case $i in *7) printf '%s ' "$i";; esac; done
echo "total $total"; x=$(echo inner); echo "$x" | tr a-z A-Z; (exit 5); echo "status $?"; exit 4\n`;
const words = '{ s[$4 % 7] += length($0) } END { for (i = 0; i < 7; i++) printf "%d ", s[i]; print NR }';
const macros = "define(`fact', `ifelse($1, 0, 1, `eval($1 * fact(decr($1)))')')fact(10) fact(12)\n";

function row(program: string, args: readonly string[], stdin = "", what = ""): RealProgram {
  return { name: what ? `${program}, ${what}` : program, path: `/usr/bin/${program}`, args, stdin };
}

export function isInstalled({ path }: RealProgram): boolean {
  return existsSync(path);
}

export function realPrograms(text: string): readonly RealProgram[] {
  return [
    row("gzip", ["-c", "-n"], text, "compressing"),
    row("sqlite3", ["data.db", sql]),
    row(
      "bc",
      ["-q"],
      "scale=60\nsqrt(2)\n2^300\ndefine f(n) { if (n<2) return n; return f(n-1)+f(n-2); }\nf(12)\nquit\n",
    ),
    row("gawk", [words], text),
    row("mawk", [words], text),
    row("lua5.4", ["-e", lua]),
    row("perl", ["-e", perl], text.slice(0, 60_000)),
    row("grep", ["-nE", "value (7|99)[0-9]? .*checksum [0-9a-f]*7$"], text),
    row("sed", ["-E", "s/line ([0-9]+) value/\\1:/; /checksum a/d; $!N; P; D"], text.slice(0, 200_000)),
    row("sort", ["--parallel=1", "-k4,4n", "-k2,2nr"], text),
    row("tar", ["-cf", "-", "--mtime=@0", "--owner=0", "--group=0", "--sort=name", "tree"]),
    row("xz", ["-T1", "-1", "-c"], text),
    row("bzip2", ["-c"], text.slice(0, 300_000)),
    row("jq", ["-c", "map(select(.value > 900)) | {n: length, s: (map(.value) | add)}", "numbers.json"]),
    row("dash", [], shell),
    row("tclsh", [], tcl),
    row("m4", [], macros),
    row("busybox", ["awk", words], text),
  ];
}
