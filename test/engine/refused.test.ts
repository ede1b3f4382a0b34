/** What cannot be recorded stops the program just before it, with its name, and nothing of the recording is lost. */
import { expect, it } from "vitest";
import type { TargetName } from "../targets/index.ts";
import { differencesTo, program, Recording } from "./recording.ts";
import { takeSnapshot } from "./snapshot.ts";

const refused: readonly [TargetName, RegExp, string][] = [
  ["call_compat", /32-bit system call \(int 0x80\), which cannot be recorded yet/, "before\n"],
  ["process_exec", /execute "\/proc\/self\/exe" \(execve\), which cannot be recorded yet/, ""],
];

it.each(refused)(
  "%s stops before the call, again and again, and travels back from there",
  async (name, text, stdout) => {
    await using recording = await Recording.launch(program(name));
    const first = await takeSnapshot(recording.engine, recording.pid);
    const { start, head, end } = await recording.record();
    expect(end).toMatchObject({ kind: "unsupported", text: expect.stringMatching(text), isAtHead: true });
    expect(recording.output()).toBe(stdout);
    await recording.engine.restore(start.id);
    expect(await differencesTo(first, recording)).toEqual([]);
    expect(await recording.resumeTo(head.id)).toMatchObject({
      kind: "historyEnd",
      pc: end.pc,
      event: end.event,
      isAtHead: true,
    });
    expect(await recording.resume()).toMatchObject({ kind: "unsupported", pc: end.pc, event: end.event });
  },
);
