/** The MI channel: lines cut anywhere, stops counted, breakpoints kept. */
import { expect, test } from "vitest";
import { MiChannel } from "../../../../../src/fred/backend/gdb/mi/channel.ts";

function channel(): { mi: MiChannel; feed(text: string): void } {
  let listener: (text: string) => void = () => {};
  const mi = new MiChannel({
    onText: (given) => {
      listener = given;
    },
  });
  return { mi, feed: (text) => listener(text) };
}

test("a stop is found although its line came in pieces and others followed", async () => {
  const { mi, feed } = channel();
  for (const piece of ["*runn", 'ing,thread-id="all"\n*stop', 'ped,reason="end-stepping-range"\n~"x"\n'])
    feed(piece);
  feed('*stopped,reason="breakpoint-hit",bkptno="2"\n');
  expect((await mi.stopAfter(0, 1)).cause).toBe("end-stepping-range");
  expect(await mi.stopAfter(1, 2)).toMatchObject({ cause: "breakpoint-hit", breakpointNumbers: [2] });
  expect((await mi.stopAfter(2, 2)).cause).toBe("other");
});

test("a stop that is told late is waited for, one that never comes is not waited for for ever", async () => {
  const { mi, feed } = channel();
  const late = mi.stopAfter(0, 1);
  feed('*stopped,reason="location-reached"\n');
  expect((await late).cause).toBe("location-reached");
  expect((await mi.stopAfter(1, 2, 10)).cause).toBe("other");
});

test("running and stopped are told at once", () => {
  const { mi, feed } = channel();
  const states: boolean[] = [];
  mi.onRunState((isRunning) => states.push(isRunning));
  feed('*running,thread-id="all"\n=library-loaded,id="x"\n*stopped,reason="exited-normally"\n');
  expect(states).toEqual([true, false]);
});

test("breakpoints are created, modified and deleted", async () => {
  const { mi, feed } = channel();
  feed(
    '=breakpoint-created,bkpt={number="1",type="breakpoint",enabled="y",times="0",original-location="add"}\n',
  );
  feed('=breakpoint-created,bkpt={number="2",type="hw watchpoint",enabled="y",what="t",times="0"}\n');
  feed(
    '=breakpoint-modified,bkpt={number="1",type="breakpoint",enabled="n",times="4",original-location="add"}\n',
  );
  feed('=breakpoint-deleted,id="2"\n');
  expect(await mi.breakpoints()).toEqual([
    { number: 1, type: "breakpoint", isEnabled: false, hitCount: 4, location: "add" },
  ]);
});
