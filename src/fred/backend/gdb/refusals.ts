/** Commands of gdb that would take it away from the recording: each says why not, and what to do instead. */
import { FredError } from "../../../errors.ts";
import type { ShimRefusal } from "./shimProtocol.ts";

const otherPrograms = [
  "attach",
  "core-file",
  "target core",
  "target native",
  "target remote",
  "target extended-remote",
];
/** `record` and its subcommands use these. */
const recorders = ["target record-full", "target record-btrace"];
/** They would run fork() in the program. */
const forks = ["checkpoint", "restart"];
const moreInferiors = ["add-inferior", "clone-inferior"];

export const refusals: readonly ShimRefusal[] = [
  ...otherPrograms.map((name) => ({ name, text: new FredError("cannotAttach", { option: name }).message })),
  ...recorders.map((name) => ({ name, text: new FredError("recordedAlready", {}).message })),
  ...moreInferiors.map((name) => ({ name, text: new FredError("oneProgram", { command: name }).message })),
  ...forks.map((name) => ({ name, text: new FredError("forkingCheckpoint", { command: name }).message })),
  { name: "disconnect", text: new FredError("cannotDisconnect", {}).message },
];
