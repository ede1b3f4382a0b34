"""fred-ts's commands as gdb commands, from the table that fred-ts sends; aliases only where gdb has no such command."""
import gdb

from . import channel as channels
from . import quits

_COMPLETION = {
    "expression": gdb.COMPLETE_EXPRESSION,
    "file": gdb.COMPLETE_FILENAME,
    "command": gdb.COMPLETE_COMMAND,
    "location": gdb.COMPLETE_LOCATION,
}


class FredCommand(gdb.Command):
    """One command: fred-ts runs it and asks back for what it needs of gdb meanwhile."""

    def __init__(self, session, row, name):
        # gdb reads the help text from __doc__; the first line is the summary in lists.
        self.__doc__ = row["help"] if row["help"].startswith(row["summary"]) else "%s\n%s" % (
            row["summary"],
            row["help"],
        )
        self.session = session
        self.name = row["name"]
        completion = _COMPLETION.get(row.get("completion"), gdb.COMPLETE_NONE)
        super().__init__(name, gdb.COMMAND_RUNNING, completion)

    @quits.undivided
    def invoke(self, argument, from_tty):
        self.session.run_command(self.name, argument, from_tty)


class RefusedCommand(gdb.Command):
    """A command of gdb in whose place stands the reason why it cannot be."""

    def __init__(self, name, text):
        self.__doc__ = text
        self.text = text
        super().__init__(name, gdb.COMMAND_OBSCURE)

    def invoke(self, _argument, _from_tty):
        raise gdb.GdbError(self.text)


def register(session, rows):
    """Returns the names that are fred-ts's now."""
    names = set()
    for row in rows:
        for name in [row["name"]] + [alias for alias in row.get("aliases", ()) if not _exists(alias)]:
            if name not in names:
                FredCommand(session, row, name)
            names.add(name)
    return names


def _exists(name):
    """Whether gdb has a command of exactly this name (abbreviations do not count)."""
    if name in gdb.execute("complete " + name, False, True).split("\n"):
        return True
    try:
        first = gdb.execute("help " + name, False, True).split("\n", 1)[0]
    except gdb.error:
        return False
    # gdb 10 and newer list a command with its aliases first: "next, n".
    return name in [part.strip() for part in first.split(",")]


def run(session, name, argument, from_tty):
    """Sends `command` and waits. What quiet work has switched off comes back with its end."""
    try:
        # Within a script, a Python block or a user's command there is no prompt since the program has moved.
        session.prompts.report_moves()
        session.channel.request("command", name=name, argument=argument, fromTty=from_tty)
    except channels.FredFailure as failure:
        raise gdb.GdbError(str(failure)) from None
    except channels.ChannelClosed as closed:
        raise gdb.GdbError(str(closed)) from None
    finally:
        session.disturb()
