/** How gdb wants things: acknowledgements, signals, environment, directory, address layout. */
import { hexToText, parseCount } from "../hex.ts";
import { afterDelimiter, ok, type PacketRow } from "../packetRow.ts";
import { error, type Session } from "../session.ts";
import { linuxSignalOf } from "../signals.ts";

const einval = 22;

export const settingPackets: readonly PacketRow[] = [
  // Extended mode: the server stays after the program's end and can run another.
  { name: "!", needs: "nothing", run: () => ok },
  { name: "QStartNoAckMode", needs: "nothing", feature: "QStartNoAckMode+", run: startNoAckMode },
  signalList("QPassSignals", "passSignals"),
  // Meant for the time after a detach; here it tells as well what gdb would pass on.
  signalList("QProgramSignals", "programSignals"),
  {
    name: "QDisableRandomization",
    needs: "nothing",
    feature: "QDisableRandomization+",
    run(session, rest) {
      session.launchSettings.disableAslr = afterDelimiter(rest) !== "0";
      return ok;
    },
  },
  {
    name: "QStartupWithShell",
    needs: "nothing",
    feature: "QStartupWithShell+",
    run(session, rest) {
      session.launchSettings.isShellLike = afterDelimiter(rest) !== "0";
      return ok;
    },
  },
  {
    name: "QEnvironmentHexEncoded",
    needs: "nothing",
    feature: "QEnvironmentHexEncoded+",
    run: (session, rest) => withText(rest, (text) => session.launchSettings.setEnv(text)),
  },
  {
    name: "QEnvironmentUnset",
    needs: "nothing",
    feature: "QEnvironmentUnset+",
    run: (session, rest) => withText(rest, (text) => session.launchSettings.unsetEnv(text)),
  },
  {
    name: "QEnvironmentReset",
    needs: "nothing",
    feature: "QEnvironmentReset+",
    run(session) {
      session.launchSettings.resetEnv();
      return ok;
    },
  },
  {
    name: "QSetWorkingDir",
    needs: "nothing",
    feature: "QSetWorkingDir+",
    run: (session, rest) =>
      withText(rest, (text) => {
        session.launchSettings.cwd = text === "" ? null : text;
      }),
  },
  { name: "qAttached", needs: "process", run: () => "0" },
];

function startNoAckMode(session: Session): string {
  session.isNoAck = true;
  return ok;
}

function signalList(name: string, list: "passSignals" | "programSignals"): PacketRow {
  return {
    name,
    needs: "nothing",
    feature: `${name}+`,
    run(session, rest) {
      session.runner[list] = parseSignals(rest);
      return ok;
    },
  };
}

/** ":e;10;14": gdb's numbers, hexadecimal → Linux's. */
function parseSignals(rest: string): ReadonlySet<number> {
  const numbers = afterDelimiter(rest)
    .split(";")
    .map((digits) => linuxSignalOf(parseCount(digits) ?? 0));
  return new Set(numbers.filter((signal) => signal !== 0));
}

function withText(rest: string, use: (text: string) => void): string {
  const text = hexToText(afterDelimiter(rest));
  if (text === null) return error(einval);
  use(text);
  return ok;
}
