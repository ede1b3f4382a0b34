/** What can be asked of a recording on disk without replaying it. */
import { toFredError } from "./engineErrors.ts";
import { loadAddon } from "./nativeAddon.ts";

/** Of one timeline. */
export interface RecordingSummary {
  /** How it has begun; `parent`: number of the timeline that it has come from. */
  readonly origin: "launch" | "exec" | "fork" | "attach";
  readonly parent: number;
  readonly pid: number;
  readonly program: string;
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly startedMs: number;
  readonly events: number;
  /** Positions that are kept whole. */
  readonly states: number;
  readonly bytes: number;
  /** CPU time of the program up to the last state. */
  readonly cpuNs: number;
  /** It was finished; otherwise it ends where its writer was killed. */
  readonly isWhole: boolean;
  readonly ending: { readonly kind: "exited" | "killed"; readonly number: number } | null;
  /** Files that the program had mapped; `at`: where the recording finds them. */
  readonly files: readonly {
    readonly path: string;
    readonly kind: "reference" | "copy" | "blank";
    readonly at: string;
  }[];
}

/** Throws FredError "badRecording". */
export function summariseRecording(directory: string): RecordingSummary {
  try {
    return loadAddon().summariseRecording(directory);
  } catch (error) {
    throw toFredError("summariseRecording", error);
  }
}

/** Copies the files that the program had mapped into the recording; returns how many. Throws FredError "badRecording". */
export function packRecording(directory: string): number {
  try {
    return loadAddon().packRecording(directory);
  } catch (error) {
    throw toFredError("packRecording", error);
  }
}
