/** qRcmd: `monitor …` commands, for diagnostics and for the front end. */
import type { CheckpointInfo } from "../../engine/engine.ts";
import { hexToText, textToHex } from "../hex.ts";
import { afterDelimiter, type PacketRow } from "../packetRow.ts";
import { messageOf } from "../runner.ts";
import { error, packetSize, type Session } from "../session.ts";

interface MonitorCommand {
  readonly name: string;
  readonly summary: string;
  run(session: Session, rest: string): string | Promise<string>;
}

const commands: readonly MonitorCommand[] = [
  { name: "help", summary: "list these commands", run: () => renderHelp() },
  { name: "fred position", summary: "where the program is in its recording", run: renderPosition },
  { name: "fred checkpoints", summary: "all checkpoints, oldest first", run: renderCheckpoints },
  {
    name: "fred arguments",
    summary: "LINE: the arguments of the next runs as typed, for the shell",
    run(session, rest) {
      session.launchSettings.commandLine = rest;
      return "";
    },
  },
  {
    name: "fred directory",
    summary: "PATH: where the next runs begin unless set cwd says otherwise (gdb's cd)",
    run(session, rest) {
      session.launchSettings.directory = rest;
      return "";
    },
  },
];

export const monitorPackets: readonly PacketRow[] = [
  {
    name: "qRcmd",
    needs: "nothing",
    async run(session, rest) {
      const line = hexToText(afterDelimiter(rest));
      if (line === null) return error(22);
      const text = await runMonitor(session, line).catch((cause) => `${messageOf(cause)}\n`);
      return text === "" ? "OK" : textToHex(text.slice(0, packetSize / 4));
    },
  },
];

async function runMonitor(session: Session, line: string): Promise<string> {
  const command = commands.find(({ name }) => line === name || line.startsWith(`${name} `));
  if (command === undefined) return `There is no monitor command "${line}"; try monitor help.\n`;
  return command.run(session, line.slice(command.name.length + 1));
}

function renderHelp(): string {
  return commands.map(({ name, summary }) => `monitor ${name} -- ${summary}\n`).join("");
}

async function renderPosition(session: Session): Promise<string> {
  if (session.debuggee.phase === "none") return "No program has been started.\n";
  const { event, eventCount, isAtHead, here, tracker } = await session.engine.timeline();
  const place = isAtHead ? "at the head" : "in the past";
  const checkpoint = here === null ? "no checkpoint" : `checkpoint ${here}`;
  return `event ${event} of ${eventCount}, ${place}, ${checkpoint}, dirty pages by ${tracker}\n`;
}

async function renderCheckpoints(session: Session): Promise<string> {
  if (session.debuggee.phase === "none") return "No program has been started.\n";
  const { past, future, here } = await session.engine.timeline();
  return [...past, ...future].map((info) => renderCheckpoint(info, info.id === here)).join("");
}

function renderCheckpoint(info: CheckpointInfo, isHere: boolean): string {
  const seconds = (info.cpuNs / 1e9).toFixed(3);
  return `${isHere ? "*" : " "} ${info.id} ${info.kind} event ${info.event} pc 0x${info.pc.toString(16)} ${seconds} s ${info.pageCount} pages\n`;
}
