"""The value of an expression for fred-ts: nothing of it is shown, and what it does to the program is undone."""
import re

import gdb

from . import names, place, quiet, quits

_SYNTAX = re.compile(r"syntax error|Unmatched|parse error|Junk|Unterminated|Invalid (number|character)")
_NO_VALUE = ("<optimized out>", "<unavailable>", "<error: No frame selected.>")
_COMPARISON = re.compile(r"[=!]=|(?<!<)<=|(?<!>)>=")
_WRITING = re.compile(r"=|\+\+|--")


def evaluate(session, expression, scope):
    """The message `Evaluation`: a value, or why there is none. A crash, an error and an unfinished call are no value."""
    if not place.is_alive():
        return _unknown("the program is not running")
    session.undisturb()
    level = gdb.selected_frame().level()
    with session.quietly():
        frame = place.frame_of(scope) if scope else gdb.newest_frame()
        why = _why_none(scope, frame)
        if why:
            return _unknown(why)
        frame.select()
        session.scratch.is_mute = True
        try:
            if _WRITING.search(_COMPARISON.sub("", expression)):
                # A call begins it by itself; a change must not be seen as one of the user's, which starts a branch.
                session.scratch.begin()
            return _value(expression)
        finally:
            # After a call gdb has forgotten its frames: the user's one is found again by its level.
            session.scratch.end()
            session.scratch.is_mute = False
            place.select_level(level)


def _unknown(why):
    return {"kind": "unknown", "why": why}


def _why_none(scope, frame):
    """Why an expression of `scope` has no value in `frame`; None when it may have one."""
    if frame is None:
        return "%s is not active here" % scope["function"]
    if not scope or not scope["locals"]:
        return None
    if frame.level() == 0 and place.is_before_body(frame.pc()):
        return "%s has only just been called: its frame is not set up" % scope["function"]
    other = names.other_meaning(scope, frame)
    return "%s is not in scope here" % other if other else None


def _value(expression):
    try:
        with _calls_alone():
            text = quiet.value("output " + expression)
    except gdb.MemoryError as error:
        return _unknown(str(error))
    except gdb.error as error:
        if _SYNTAX.search(str(error)):
            return {"kind": "badExpression", "why": str(error)}
        return _unknown(str(error).split("\n", 1)[0])
    return _unknown(text) if text in _NO_VALUE else {"kind": "value", "text": text}


class _calls_alone:  # pylint: disable=invalid-name
    """Within: a call that crashes is unwound, and breakpoints of the user do not stop a call."""

    def __enter__(self):
        self.unwind = gdb.parameter("unwindonsignal")
        self.disabled = []
        if not self.unwind:
            gdb.execute("set unwindonsignal on", False, True)
        gdb.events.inferior_call.connect(self._disable)

    def __exit__(self, *_):
        gdb.events.inferior_call.disconnect(self._disable)
        for breakpoint in self.disabled:
            breakpoint.enabled = True
        if not self.unwind:
            gdb.execute("set unwindonsignal off", False, True)

    @quits.on_event
    def _disable(self, event):
        if isinstance(event, gdb.InferiorCallPreEvent) and not self.disabled:
            self.disabled = [breakpoint for breakpoint in gdb.breakpoints() or () if breakpoint.enabled]
            for breakpoint in self.disabled:
                breakpoint.enabled = False
