import { execFileSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import type { Registers } from "../../../src/engine/engine.ts";
import { RegisterFile } from "../../../src/rsp/registerFile.ts";
import { gdbSignalOf, linuxSignalOf } from "../../../src/rsp/signals.ts";
import { renderTargetDescription } from "../../../src/rsp/targetDescription.ts";
import { fakeXsave } from "../../helpers/fakeEngine.ts";

const file = new RegisterFile(fakeXsave);

function emptyRegisters(): Registers {
  return { general: new Uint8Array(27 * 8), xstate: new Uint8Array(2432) };
}

function read(registers: Registers, name: string): string {
  const bytes = file.read(registers, file.numberOf(name));
  return Buffer.from(bytes ?? [])
    .reverse()
    .toString("hex");
}

function written(name: string, bytes: number[], registers = emptyRegisters()) {
  const row = file.rows[file.numberOf(name)];
  const padded = Uint8Array.from({ length: (row?.bits ?? 0) / 8 }, (_, i) => bytes[i] ?? 0);
  return file.write(registers, file.numberOf(name), padded) ?? registers;
}

describe("registers", () => {
  it("have the numbers and types that gdb's own native target description has", () => {
    const native = execFileSync(
      "gdb",
      ["-nx", "-batch", "-ex", "starti", "-ex", "maint print xml-tdesc", "/bin/true"],
      { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] },
    );
    const wanted = native.slice(native.indexOf("<target>")).replace(/>\s+</g, "><").trim();
    const features = file.features.filter(({ name }) => wanted.includes(`"${name}"`));
    const ours = renderTargetDescription(features);
    const comparable = wanted.replace(/<feature name="org.gnu.gdb.i386.pkeys">.*?<\/feature>/, "");
    expect(ours.slice(ours.indexOf("<target>"))).toBe(comparable);
  });

  it("rip is 16, orig_rax 57, fs_base 58, zmm31h 147", () => {
    expect(["rip", "orig_rax", "fs_base", "zmm31h"].map((name) => file.numberOf(name))).toEqual([
      16, 57, 58, 147,
    ]);
  });

  it("read as zeros, fctrl 0x37f, ftag 0xffff and mxcsr 0x1f80 while a component is in its initial state", () => {
    const registers = emptyRegisters();
    registers.xstate.fill(0xaa);
    registers.xstate.fill(0, 512, 520);
    expect(read(registers, "st0")).toBe("0".repeat(20));
    expect(read(registers, "fctrl")).toBe("0000037f");
    expect(read(registers, "ftag")).toBe("0000ffff");
    expect(read(registers, "mxcsr")).toBe("00001f80");
    expect(read(registers, "ymm3h")).toBe("0".repeat(32));
    expect(read(registers, "zmm31h")).toBe("0".repeat(64));
  });

  it("writing one vector register marks its component as used and gives the others their initial value", () => {
    const dirty = emptyRegisters();
    dirty.xstate.fill(0xaa, 576, 832);
    const registers = written("ymm1h", [1, 2], dirty);
    expect(registers.xstate[512]).toBe(4);
    expect(read(registers, "ymm1h")).toBe(`${"0".repeat(28)}0201`);
    expect(read(registers, "ymm2h")).toBe("0".repeat(32));
  });

  it("every register reads back what was written to it, and disturbs no other", () => {
    let registers = emptyRegisters();
    file.rows.forEach((row, i) => {
      if (row.name !== "ftag" && row.name !== "fop") registers = written(row.name, [i + 1], registers);
    });
    file.rows.forEach((row, i) => {
      if (row.name === "ftag" || row.name === "fop") return;
      expect(Number.parseInt(read(registers, row.name).slice(-2), 16), row.name).toBe(i + 1);
    });
  });

  it("the tag word of an empty x87 stack with one number on it is 0x3fff", () => {
    let registers = written("st0", [0, 0, 0, 0, 0, 0, 0, 0x80, 0xff, 0x3f]);
    registers = written("fstat", [0, 0x38], registers);
    registers = written("ftag", [0xff, 0x3f], registers);
    expect(registers.xstate[4]).toBe(0x80);
    expect(read(registers, "ftag")).toBe("00003fff");
  });

  it("a G packet with the values of g changes nothing, initial states included", () => {
    const registers = emptyRegisters();
    const same = file.writeAll(registers, file.readAll(registers));
    expect(same).toEqual(registers);
  });

  it("refuses unknown numbers and wrong lengths", () => {
    const registers = emptyRegisters();
    expect(file.read(registers, 999)).toBeNull();
    expect(file.write(registers, 0, new Uint8Array(4))).toBeNull();
    expect(file.writeAll(registers, new Uint8Array(4))).toBeNull();
  });
});

describe("signals", () => {
  it("go from Linux to gdb and back, real-time ones included", () => {
    for (let linux = 1; linux <= 64; linux++) {
      if (linux === 16) continue; // SIGSTKFLT: gdb has no number for it
      expect(linuxSignalOf(gdbSignalOf(linux)), `signal ${linux}`).toBe(linux);
    }
    expect([gdbSignalOf(10), gdbSignalOf(7), gdbSignalOf(16)]).toEqual([30, 10, 143]);
  });
});
