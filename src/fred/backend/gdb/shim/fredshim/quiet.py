"""Running gdb commands so that the user sees and notices nothing: no stop lines, no hooks, no breakpoint commands.

gdb 13 prints a stop through the console's own stream even inside gdb.execute(to_string=True), so descriptors 1 and 2
are pointed at a scratch file meanwhile; in the TUI, whose windows are not descriptors, gdb's own log redirection is used.
"""
import contextlib
import os
import re
import tempfile

import gdb

from . import place, quits

_capture = None
# gdb 7 to 16: "Auto-display expressions now in effect:\nNum Enb Expression\n1:   y  /x trace".
_ENABLED_DISPLAY = re.compile(r"^(\d+): +y ", re.MULTILINE)


def _capture_file():
    global _capture
    if _capture is None:
        _capture = tempfile.TemporaryFile()
    _capture.seek(0)
    _capture.truncate()
    return _capture


def run(command):
    """Executes `command`, which ^C may end; returns all that gdb printed."""
    text, stop_text = _captured(quits.allowed, gdb.execute, command)
    return text + stop_text


def travel(command):
    """Executes a resume that only shows gdb another state: ^C comes before or after it."""
    _captured(gdb.execute, command)


def value(command):
    """Executes a command that prints a value; what stops of its calls print is thrown away."""
    return _captured(quits.allowed, gdb.execute, command)[0]


def _captured(execute, *arguments):
    """Calls gdb.execute, as it is or through quits.allowed. Returns (what it returned, what went past its own capture)."""
    gdb.flush(gdb.STDOUT)
    gdb.flush(gdb.STDERR)
    capture = _capture_file()
    saved = [os.dup(1), os.dup(2)]
    os.dup2(capture.fileno(), 1)
    os.dup2(capture.fileno(), 2)
    text = ""
    try:
        text = execute(*arguments, False, True)
    finally:
        gdb.flush(gdb.STDOUT)
        gdb.flush(gdb.STDERR)
        for descriptor, copy in zip((1, 2), saved):
            os.dup2(copy, descriptor)
            os.close(copy)
        capture.seek(0)
        past = capture.read().decode(errors="replace")
    return text, past


def finish():
    """`finish` without its value, which would take a number of the user's value history; returns all that gdb printed.

    `until` ends as well when the selected frame returns, at the same place; its location is one that this frame never reaches. From
    a frame that was entered by a tail call it would wait at an address that is never returned to, and does not from the caller.
    """
    frame = gdb.newest_frame()
    caller = frame.older()
    if caller is None:
        raise gdb.error('"finish" not meaningful in the outermost frame.')
    if caller.type() == gdb.TAILCALL_FRAME:
        caller.select()
    if frame.type() == gdb.INLINE_FRAME:
        # gdb steps out of it, and there is no value.
        return run("finish")
    return run("until *%d" % place.entry_point())


@contextlib.contextmanager
def undisturbed():
    """Within: hook-stop, displays and the commands of breakpoints do not run, the TUI and the log show nothing, and moves go
    forwards."""
    displays = _ENABLED_DISPLAY.findall(gdb.execute("info display", False, True))
    if displays:
        gdb.execute("disable display", False, True)
    commands = _take_breakpoint_commands()
    hook = _take_hook_stop()
    restore_cli = _suppress_stop_lines()
    is_reverse = gdb.execute("show exec-direction", False, True).startswith("Reverse")
    _set_direction(is_reverse, "forward")
    try:
        yield
    finally:
        _set_direction(is_reverse, "reverse")
        restore_cli()
        if hook is not None:
            gdb.execute("define hook-stop\n%send" % hook, False, True)
        if displays:
            gdb.execute("enable display " + " ".join(displays), False, True)
        for breakpoint, text in commands:
            if breakpoint.is_valid():
                breakpoint.commands = text


def _set_direction(is_wanted, direction):
    # gdb forgets the direction with the process.
    if is_wanted and place.is_alive():
        gdb.execute("set exec-direction " + direction, False, True)


def _take_breakpoint_commands():
    taken = []
    for breakpoint in gdb.breakpoints() or ():
        if breakpoint.commands:
            taken.append((breakpoint, breakpoint.commands))
            breakpoint.commands = ""
    return taken


def _take_hook_stop():
    """The body of the user's hook-stop, which is emptied; None when there is no such hook."""
    try:
        text = gdb.execute("show user hook-stop", False, True)
    except gdb.error:
        return None
    body = "".join(line[2:] if line.startswith("  ") else line for line in text.splitlines(True)[1:])
    if not body.strip():
        return None
    gdb.execute("define hook-stop\nend", False, True)
    return body.rstrip("\n") + "\n"


def _suppress_stop_lines():
    """Stop lines in places that are no descriptors. Returns the function that undoes it."""
    if "not active" in gdb.execute("info win", False, True):
        return lambda: None
    try:
        # gdb 14 and newer
        gdb.execute("set suppress-cli-notifications on", False, True)
        return lambda: gdb.execute("set suppress-cli-notifications off", False, True)
    except gdb.error:
        return _redirect_log()


def _redirect_log():
    names = ("logging file", "logging redirect", "logging overwrite")
    if gdb.parameter("logging enabled"):
        return lambda: None
    old = [(name, gdb.parameter(name)) for name in names]

    def put(name, value):
        text = {True: "on", False: "off"}.get(value, value)
        gdb.execute("set %s %s" % (name, text), False, True)

    put("logging file", os.devnull)
    put("logging redirect", True)
    gdb.execute("set logging enabled on", False, True)

    def restore():
        gdb.execute("set logging enabled off", False, True)
        for name, value in old:
            put(name, value)

    return restore
