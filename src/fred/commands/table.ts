/** The table of all fred commands: dispatch, help, completion and documentation read these rows. */
import { backCommands } from "./back.ts";
import { lineCommands } from "./lines.ts";
import { placeCommands } from "./places.ts";
import type { CommandSpec } from "./spec.ts";
import { watchCommands } from "./watch.ts";

export const commandTable: readonly CommandSpec[] = [
  ...backCommands,
  ...watchCommands,
  ...placeCommands,
  ...lineCommands,
];

/** The rows, for a front end that adds its own. */
export function createCommandTable(): CommandSpec[] {
  return [...commandTable];
}
