"""Looking changes nothing: before the first inferior call of a looking command fred-ts keeps the state, and after the
command it brings it back. gdb 13 fires the pre event of the outer call first, before it writes strings for the arguments."""
import gdb

from . import quits, statements


class Scratch:
    def __init__(self, session):
        self.session = session
        self.is_active = False
        self.depth = 0
        self.was_written = False
        self.forced = False
        # What the calls of this one write to the terminal is not to be seen.
        self.is_mute = False
        # The breakpoints of the last stop, while the program has not gone on.
        self.stopped_at = []
        gdb.events.stop.connect(self._on_stop)
        gdb.events.cont.connect(self._on_resume)
        gdb.events.inferior_call.connect(self._on_call)
        gdb.events.memory_changed.connect(self._on_write)
        gdb.events.register_changed.connect(self._on_write)

    def begin(self):
        """From now to `end` the program may be run and changed at will."""
        if not self.is_active:
            self.session.channel.request("scratch", phase="begin", isMute=self.is_mute)
            self.is_active = True

    def end(self):
        """Brings the state back if this command called into the program; gdb then reads everything anew."""
        if not self.is_active:
            return
        self.is_active = False
        self.depth = 0
        self.session.channel.request("scratch", phase="end")
        flush()
        if self.was_written and not self.session.is_quiet:
            gdb.write("The change was undone with the call; use \"set var\" or --allow-side-effects to keep it.\n")
        self.was_written = False

    @quits.on_event
    def _on_call(self, event):
        if not self.session.channel.is_open:
            return
        if isinstance(event, gdb.InferiorCallPreEvent):
            self.depth += 1
            if not self.is_active:
                if not (self.forced or self._is_undone()):
                    return
                self.begin()
            self.session.channel.request("scratch", phase="call")
        else:
            self.depth = max(0, self.depth - 1)
            if self.is_active and self.depth == 0:
                # fred-ts ends the scratch by itself should gdb now resume the program (a condition was false).
                self.session.channel.request("scratch", phase="return")

    def _is_undone(self):
        """Whether the command that calls only looks; one that is meant to change the program is told at the prompt."""
        intent = statements.intent(self.session.prompts.current_text())
        if intent == "moving":
            intent = self._intent_at_stop()
        keeps = self.session.setup["allowSideEffects"] or intent == "changing"
        if keeps and not self.session.is_quiet:
            self.session.prompts.changes += 1
        return intent == "looking" and not keeps

    def _intent_at_stop(self):
        """Calls during a move come from conditions, displays and return values, which look, or from a breakpoint's commands."""
        texts = [breakpoint.commands or "" for breakpoint in self.stopped_at if breakpoint.is_valid()]
        lines = [line for text in texts for line in text.split("\n")]
        return "changing" if any(statements.intent(line) == "changing" for line in lines) else "looking"

    @quits.on_event
    def _on_stop(self, event):
        self.stopped_at = list(getattr(event, "breakpoints", ()))

    @quits.on_event
    def _on_resume(self, _event):
        if self.depth == 0:
            self.stopped_at = []

    @quits.on_event
    def _on_write(self, _event):
        if self.is_active and self.depth == 0:
            self.was_written = True

    @property
    def is_calling(self):
        return self.depth > 0


def flush():
    """Makes gdb forget registers, frames and memory it has read."""
    gdb.execute("maintenance flush register-cache", False, True)
    gdb.execute("maintenance flush dcache", False, True)
