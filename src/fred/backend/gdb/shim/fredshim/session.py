"""The shim's life: connect to fred-ts, register its commands, connect gdb to the engine, run the user's -ex and -x."""
import contextlib
import os
import re
import sys

import gdb

from . import channel as channels
from . import commands, methods, prompts, quiet, quits, scratch, statements

_session = None
_ARGUMENTS = re.compile(r'is "(.*)"\.\s*$', re.DOTALL)


def connect():
    """Runs at -ix time: gdb has read the user's init files, no program yet."""
    global _session
    try:
        _session = Session(os.environ["FRED_TS_SOCKET"])
    except channels.FredFailure:
        # fred-ts tells the user why once gdb is gone.
        gdb.execute("quit 1")
    except (OSError, KeyError, channels.ChannelClosed) as error:
        gdb.write("fred-ts: gdb could not reach fred-ts: %s\n" % error, gdb.STDERR)
        gdb.execute("quit 1")


def before_run():
    """Runs in the hooks of the commands that start the program."""
    _session.tell_start(statements.run_arguments(_session.prompts.current_text()))


def start():
    """Runs as the first -ex: the program file is loaded."""
    _session.start()


class Session:
    def __init__(self, path):
        self.channel = channels.Channel(path)
        quits.tell(self.channel.interrupt)
        self.is_quiet = False
        # What the server knows of the next run.
        self.told = {"arguments": "", "directory": os.getcwd()}
        # What is to be shown after the error of the statement that runs.
        self.explanation = ""
        self._undisturbed = contextlib.ExitStack()
        self._is_undisturbed = False
        self.scratch = scratch.Scratch(self)
        self.methods = methods.Methods(self)
        self.prompts = prompts.Prompts(self)
        self.setup = self.channel.request("hello", gdbVersion=gdb.VERSION, pid=os.getpid())
        self.is_interactive = not self.setup["isBatch"]
        self.own_names = commands.register(self, self.setup["commands"])

    def start(self):
        # Containers often have no locale: gdb then takes all text for ASCII, and raises at any other letter in a path.
        if gdb.execute("show host-charset", False, True).find("ANSI_X3.4-1968") >= 0:
            gdb.execute("set host-charset UTF-8", False, True)
        # For the shim alone, not for the program.
        gdb.execute("unset environment FRED_TS_SOCKET", False, True)
        try:
            self._connect_target()
        except gdb.error as error:
            gdb.write("fred-ts: gdb could not connect to the engine: %s\n" % error, gdb.STDERR)
            gdb.execute("quit 1")
        succeeded = True
        for statement in self.setup["statements"]:
            if statement["kind"] == "ex":
                succeeded = self._succeeds(self._run, statement["text"])
            else:
                succeeded = self._file_succeeds(statement["text"])
        if self.setup["isBatch"]:
            if not succeeded:
                # As gdb does: in batch mode the status tells whether the last command failed; it asks nothing.
                gdb.execute("set confirm off", False, True)
                gdb.execute("quit 1")
            return
        if self.setup["readsStdin"]:
            self._read_stdin()
        else:
            self.prompts.watch_prompt()

    def split(self, text):
        return statements.split(text)

    @contextlib.contextmanager
    def quietly(self):
        """Within: moves and calls are fred-ts's own, not the user's."""
        was, self.is_quiet = self.is_quiet, True
        forced, self.scratch.forced = self.scratch.forced, True
        try:
            yield
        finally:
            self.is_quiet = was
            self.scratch.forced = forced

    def explain_unknown(self, name):
        try:
            self.channel.request("command", name=name, argument="", fromTty=False)
        except channels.FredFailure as failure:
            if self.prompts.statement is None:
                gdb.write("%s\n" % failure, gdb.STDERR)
            else:
                # gdb's own error is still on its way.
                self.explanation = "%s\n" % failure

    def undisturb(self):
        """From the first quiet move of a command to its end nothing of the user's reacts to stops."""
        if not self._is_undisturbed:
            self._undisturbed.enter_context(quiet.undisturbed())
            self._is_undisturbed = True

    def disturb(self):
        self._is_undisturbed = False
        self._undisturbed.close()

    def run_command(self, name, argument, from_tty):
        commands.run(self, name, argument, from_tty)

    def run_file(self, path):
        """The statements of a script one after the other; an error ends the file, named as gdb names it."""
        path = os.path.expanduser(path)
        if path.endswith(".py"):
            self._run("source " + path)
            return
        try:
            with open(path, encoding="utf-8", errors="surrogateescape") as file:
                text = file.read()
        except OSError as error:
            raise gdb.GdbError("%s: %s." % (path, error.strerror)) from None
        for line, statement in statements.split(text):
            try:
                self._run(statement)
            except gdb.error as error:
                raise gdb.GdbError("%s:%d: Error in sourced command file:\n%s" % (path, line, error)) from None

    def _connect_target(self):
        if self.setup["miTty"]:
            gdb.execute("new-ui mi3 " + self.setup["miTty"], False, True)
        if not self.setup["target"]:
            return
        if gdb.parameter("sysroot") == "target:":
            gdb.execute("set sysroot /", False, True)
        # On a busy machine an answer may take longer than gdb's 2 seconds, and gdb then says "Ignoring packet error".
        gdb.execute("set remotetimeout 600", False, True)
        gdb.execute("target extended-remote " + self.setup["target"], False, True)
        self._tell_program(None)
        gdb.events.new_objfile.connect(self._tell_program)
        self._hook_runs()
        for row in self.setup["refusals"]:
            commands.RefusedCommand(row["name"], row["text"])

    @quits.on_event
    def _tell_program(self, _event):
        """The server starts the program that `file` names, whatever file is loaded later."""
        name = gdb.current_progspace().filename
        if name and name != getattr(self, "program", None):
            self.program = name
            gdb.execute("set remote exec-file " + name, False, True)

    def tell_start(self, line=None):
        """vRun has lost the quotes of the program's arguments: the server, which asks a shell, is told them before."""
        if line is None:
            # gdb 13: gdb.parameter("args") is always empty.
            shown = _ARGUMENTS.search(gdb.execute("show args", False, True))
            line = shown.group(1) if shown else ""
        self._monitor("arguments", line)
        self._monitor("directory", os.getcwd())

    def _monitor(self, what, text):
        if self.setup["target"] and text != self.told.get(what):
            self.told[what] = text
            gdb.execute("monitor fred %s %s" % (what, text), False, True)

    def _hook_runs(self):
        """gdb has no event before `run`: its hooks, unless the user has some, tell the arguments that stand behind it."""
        for name in ("run", "start", "starti"):
            try:
                gdb.execute("show user hook-" + name, False, True)
            except gdb.error:
                gdb.execute("define hook-%s\npython fred_session.before_run()\nend" % name, False, True)
                gdb.execute("document hook-%s\nTells fred-ts the arguments of the program.\nend" % name, False, True)

    def _run(self, statement):
        self.tell_start(statements.run_arguments(statement))
        outer, self.prompts.statement = self.prompts.statement, statement
        try:
            quits.allowed(gdb.execute, statement, self.is_interactive)
        finally:
            try:
                self.scratch.end()
                if not self.is_quiet:
                    self.prompts.report([statement])
            finally:
                self.prompts.statement = outer

    def _succeeds(self, run, what):
        """As -ex and -x: an error is printed and the next one goes on. Returns whether it succeeded."""
        try:
            run(what)
            return True
        except KeyboardInterrupt:
            gdb.write("Quit\n", gdb.STDERR)
        except (gdb.error, gdb.GdbError, channels.FredFailure, channels.ChannelClosed) as error:
            self._write_error(error)
        return False

    def _file_succeeds(self, path):
        if not os.path.exists(os.path.expanduser(path)):
            # As gdb 13 does for -x: a warning, and no failure.
            gdb.write("warning: %s: No such file or directory\n" % path, gdb.STDERR)
            return True
        return self._succeeds(self.run_file, path)

    def _read_stdin(self):
        """Commands from a pipe: gdb keeps no history of them, so the shim reads them and gdb's prompt is written here."""
        text = ""
        while True:
            if text == "":
                gdb.write(gdb.parameter("prompt"))
                gdb.flush(gdb.STDOUT)
            line = sys.stdin.buffer.readline().decode(errors="surrogateescape")
            text += line
            if line and not statements.is_complete(text.rstrip("\n")):
                continue
            for _, statement in statements.split(text):
                self._succeeds(self._run, statement)
            text = ""
            if not line:
                gdb.execute("quit")

    def _write_error(self, error):
        text, self.explanation = self.explanation, ""
        message = str(error)
        if message:
            gdb.write(message + "\n", gdb.STDERR)
        gdb.write(text, gdb.STDERR)
