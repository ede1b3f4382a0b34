/** Packets that start and end the program: vRun, vAttach (back from a parked end), vKill, R, k, D. */
import { FredError } from "../../errors.ts";
import { hexToText } from "../hex.ts";
import { afterDelimiter, ok, type PacketRow, type Reply } from "../packetRow.ts";
import { messageOf } from "../runner.ts";
import { error, type Session } from "../session.ts";

const einval = 22;

export const launchPackets: readonly PacketRow[] = [
  {
    name: "vRun",
    needs: "nothing",
    run(session, rest) {
      const [path, ...words] = afterDelimiter(rest).split(";").map(hexToText);
      if (path === undefined || path === null || words.includes(null)) return error(einval);
      return launch(session, () => session.launchSettings.toLaunchOptions(path, words as string[]));
    },
  },
  // No reply by the protocol.
  {
    name: "R",
    needs: "nothing",
    async run(session) {
      await launch(session, () => session.launchSettings.relaunchOptions());
      return null;
    },
  },
  { name: "vAttach", needs: "nothing", run: (session) => launch(session, async () => null) },
  {
    name: "vKill",
    needs: "nothing",
    async run(session) {
      await session.runner.kill();
      return ok;
    },
  },
  {
    name: "k",
    needs: "nothing",
    async run(session) {
      await session.runner.kill();
      return null;
    },
  },
  {
    name: "D",
    needs: "nothing",
    async run(session) {
      if (session.debuggee.phase === "none") return ok;
      await session.runner.kill();
      session.runner.tell(new FredError("detachEndsProgram", {}).message);
      return ok;
    },
  },
];

type MakeOptions = () => ReturnType<Session["launchSettings"]["toLaunchOptions"]>;

/** gdb shows no text of ours when vRun fails: it goes to the owner as a message. */
async function launch(session: Session, makeOptions: MakeOptions): Promise<Reply> {
  const { runner } = session;
  try {
    if (runner.stagedTravel !== null) await runner.travel();
    else {
      const options = await makeOptions();
      if (options === null) return error(1);
      await runner.launch(options, session.launchSettings.defaults.recording ?? null);
    }
    return session.moveReply();
  } catch (cause) {
    session.events.emit({ kind: "message", text: messageOf(cause) });
    return error(1);
  }
}
