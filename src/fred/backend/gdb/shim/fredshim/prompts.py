"""What happened between two prompts: the commands typed, and whether the program moved or was changed by them."""
import re

import gdb

from . import place, quits

_HISTORY_LINE = re.compile(r"^\s*(\d+)  (.*)$")


class Prompts:
    def __init__(self, session):
        self.session = session
        self.moves = 0
        self.changes = 0
        self.was_alive = False
        self.last_number = -1
        self.last_text = ""
        self.has_prompted = False
        # The statement that the shim itself runs now (-ex, -x); None when the user types.
        self.statement = None
        gdb.events.cont.connect(self._on_resume)
        gdb.events.memory_changed.connect(self._on_change)
        gdb.events.register_changed.connect(self._on_change)

    def watch_prompt(self):
        gdb.events.before_prompt.connect(self._on_prompt)

    def current_text(self):
        """The command that runs now."""
        if self.statement is not None:
            return self.statement
        newest = self._history()
        return newest[-1][1] if newest else self.last_text

    def report(self, typed):
        """Tells fred-ts what `typed` did; silent when nothing happened and nothing was typed."""
        alive = place.is_alive()
        moved = self.moves > 0 or alive != self.was_alive
        changed = self.changes > 0
        self.moves = self.changes = 0
        self.was_alive = alive
        repeated = not typed and (moved or changed)
        if repeated:
            typed = [self.last_text] if self.last_text else []
        elif typed:
            self.last_text = typed[-1]
        typed = [text for text in typed if not self._is_own(text)]
        if typed or moved or changed:
            self.session.channel.request(
                "prompt", commands=typed, moved=moved, changed=changed, repeated=repeated, isAlive=alive
            )

    def report_moves(self):
        """Before a fred command: what the statement or the command that runs it has done so far."""
        if self.moves > 0 or self.changes > 0 or place.is_alive() != self.was_alive:
            self.report([self.current_text()])

    def _is_own(self, text):
        """fred-ts knows what its own commands did. One that does not exist gets the nearest name suggested (gdb has refused it)."""
        name = text.split(None, 1)[0]
        names = self.session.own_names
        if name.startswith("fred-") and not any(known.startswith(name) for known in names):
            self.session.explain_unknown(name)
        return name in names or name.startswith("fred-")

    @quits.undivided
    def _on_prompt(self):
        if not self.session.channel.is_open:
            return
        if place.is_running():
            # In the background (run &): a later prompt tells of both commands.
            return
        try:
            self.session.scratch.end()
            typed = self._typed()
            # gdb reads the history of earlier sessions between the last -ex and the first prompt (gdb 13: init_history).
            self.report(typed if self.has_prompted else [])
            self.has_prompted = True
            self.session.tell_start()
        except Exception as error:  # pylint: disable=broad-except
            gdb.write("fred-ts: %s\n" % error, gdb.STDERR)

    def _typed(self):
        """Statements typed since the last call, blocks joined."""
        entries = [(number, text) for number, text in self._history() if number > self.last_number]
        if not entries:
            return []
        self.last_number = entries[-1][0]
        text = "\n".join(text for _, text in entries)
        return [statement for _, statement in self.session.split(text)]

    def _history(self):
        """The last ten lines of gdb's history: [(number, text)]."""
        try:
            text = gdb.execute("show commands", False, True)
        except gdb.error:
            return []
        matches = (_HISTORY_LINE.match(line) for line in text.split("\n"))
        return [(int(match.group(1)), match.group(2)) for match in matches if match]

    @quits.on_event
    def _on_resume(self, _event):
        if not self.session.is_quiet and not self.session.scratch.is_calling:
            self.moves += 1

    @quits.on_event
    def _on_change(self, _event):
        if not self.session.is_quiet and not self.session.scratch.is_active:
            self.changes += 1
