import { describe, expect, it } from "vitest";
import {
  escapeBinary,
  expandRunLengths,
  framePacket,
  maxBodyLength,
  PacketReader,
  type Unit,
} from "../../../src/rsp/packetCodec.ts";

function read(...chunks: (string | Uint8Array)[]): Unit[] {
  const reader = new PacketReader();
  return chunks.flatMap((chunk) => reader.push(Buffer.from(chunk as string, "latin1")));
}

describe("packet codec", () => {
  it("reads a packet that arrives byte by byte", () => {
    const frame = framePacket("m401000,40");
    expect(read(...frame)).toEqual([{ kind: "packet", body: "m401000,40" }]);
  });

  it("reads acknowledgements, interrupts and packets from one chunk and drops other bytes", () => {
    expect(read(`+xx-\x03${framePacket("g")}yy`)).toEqual([
      { kind: "ack" },
      { kind: "nack" },
      { kind: "interrupt" },
      { kind: "packet", body: "g" },
    ]);
  });

  it("reports a wrong checksum and checksums that are not hexadecimal", () => {
    expect(read("$g#00", "$g#zz")).toEqual([
      { kind: "badPacket", reason: "checksum" },
      { kind: "badPacket", reason: "checksum" },
    ]);
  });

  it("starts anew at a $ inside a packet that was cut off", () => {
    expect(read(`$m4010${framePacket("g")}`)).toEqual([{ kind: "packet", body: "g" }]);
    expect(read("$m4010", framePacket("g"))).toEqual([{ kind: "packet", body: "g" }]);
  });

  it("throws away a packet that is too long and reads the next one", () => {
    const long = Buffer.alloc(maxBodyLength + 1, 0x61);
    expect(read("$", long, long, "#00", framePacket("?"))).toEqual([
      { kind: "badPacket", reason: "tooLong" },
      { kind: "packet", body: "?" },
    ]);
  });

  it("carries every byte value through escaping", () => {
    const bytes = Uint8Array.from({ length: 256 }, (_, i) => i);
    const [unit] = read(Buffer.from(framePacket(`X0,100:${escapeBinary(bytes)}`), "latin1"));
    expect(unit).toEqual({ kind: "packet", body: `X0,100:${Buffer.from(bytes).toString("latin1")}` });
  });

  it("leaves a * of gdb's binary data alone", () => {
    expect(read(framePacket("X0,3:a*b"))).toEqual([{ kind: "packet", body: "X0,3:a*b" }]);
  });

  it("expands run lengths as the manual's example does", () => {
    expect(expandRunLengths("0* ")).toBe("0000");
    expect(expandRunLengths("a0*!b")).toBe("a00000b");
    expect(expandRunLengths("*!")).toBeNull();
    expect(expandRunLengths("0*")).toBeNull();
  });
});
