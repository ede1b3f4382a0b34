/** Addresses of functions and variables of a target, as it is loaded without address randomisation. */
import { execFileSync } from "node:child_process";

const pieBase = 0x555555554000n;

export function symbols(path: string): ReadonlyMap<string, bigint> {
  const isPie = execFileSync("readelf", ["-h", path], { encoding: "utf8" }).includes("DYN (");
  const found = new Map<string, bigint>();
  for (const line of execFileSync("nm", ["-C", path], { encoding: "utf8" }).split("\n")) {
    const match = /^([0-9a-f]+) \S (.+)$/.exec(line);
    if (match?.[2]) found.set(match[2], BigInt(`0x${match[1]}`) + (isPie ? pieBase : 0n));
  }
  return found;
}

export function symbolOf(path: string, name: string): bigint {
  const address = symbols(path).get(name);
  if (address === undefined) throw new Error(`${path} has no symbol ${name}`);
  return address;
}
