/** What the engine's failures mean to a user: raw errors of the addon → FredError. */
import { FredError } from "../errors.ts";

/**
 * An Error of the addon: `code` is stable ("EXEC", "PTRACE", "NOT_RUNNING" …), `errno` 0 when the kernel said
 * nothing.
 */
export interface RawEngineError extends Error {
  readonly code: string;
  readonly errno: number;
  readonly syscall: string;
}

export function isRawEngineError(error: unknown): error is RawEngineError {
  return error instanceof Error && "syscall" in error && "code" in error && typeof error.code === "string";
}

/** The engine's code of an error made by `toFredError` (or of a raw one); null for other errors. */
export function engineErrorCode(error: unknown): string | null {
  if (isRawEngineError(error)) return error.code;
  if (error instanceof FredError && error.cause !== undefined) return engineErrorCode(error.cause);
  return null;
}

/** Failures that the user can do something about; all others become "engineFailed". */
const userErrors: Readonly<Record<string, (call: string, raw: RawEngineError) => FredError>> = {
  EXEC: (_, raw) => new FredError("cannotStart", { detail: raw.message }, { cause: raw }),
  PTRACE: (_, raw) => new FredError("ptraceRefused", { detail: raw.message }, { cause: raw }),
  TRACKER: (_, raw) => new FredError("trackerRefused", { detail: raw.message }, { cause: raw }),
  GONE: (_, raw) => new FredError("programGone", {}, { cause: raw }),
  NOT_RUNNING: (call, raw) => new FredError("noProcess", { command: call }, { cause: raw }),
  RECORDING: (call, raw) =>
    new FredError(
      call === "save" || call === "launch" ? "cannotSave" : "badRecording",
      { detail: raw.message },
      { cause: raw },
    ),
  RECORDING_FILE: (_, raw) => new FredError("badRecording", { detail: raw.message }, { cause: raw }),
  STORED: (_, raw) => new FredError("storedPast", {}, { cause: raw }),
  UNSUPPORTED: (_, raw) => new FredError("engineUnsupported", { detail: raw.message }, { cause: raw }),
};

export function toFredError(call: string, error: unknown): FredError {
  if (error instanceof FredError) return error;
  if (!isRawEngineError(error))
    return new FredError("engineFailed", { call, detail: String(error) }, { cause: error });
  const make = userErrors[error.code];
  if (make !== undefined) return make(call, error);
  return new FredError("engineFailed", { call, detail: error.message }, { cause: error });
}
