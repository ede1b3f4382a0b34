"""What fred-ts may ask of gdb while the shim waits for an answer. Everything here is quiet except `print` and `script`."""
import re

import gdb

from . import channel as channels
from . import evaluation, names, place, quiet, quits, scratch

_BAD_EXPRESSION = re.compile(
    r"syntax error|Unmatched|Invalid|No symbol|no member named|parse error|Junk|Numeric constant too large"
    r"|Undefined|Argument required|Unterminated|not a valid|There is no field|No type named"
)


class Methods:
    def __init__(self, session):
        self.session = session
        self.stop_count = 0
        self.exit_code = None
        self.is_running = False
        gdb.events.cont.connect(self._on_resume)
        gdb.events.stop.connect(self._on_stop)
        gdb.events.exited.connect(self._on_exit)
        gdb.events.inferior_call.connect(self._on_call)
        served = "move isAlive travel mi cli state evaluate bind lineTable bodyStart constructors callers describeFrame describeDisplays print script flush"
        served += " suspendBreakpoints resumeBreakpoints"
        session.channel.methods = {name: getattr(self, name) for name in served.split()}

    def move(self, command):
        """One motion command. `stopCount` is the number of *stopped records that the MI channel has had by now."""
        self.session.undisturb()
        with self.session.quietly():
            output = quiet.finish() if command == "finish" else quiet.run(command)
        return {"output": output, "state": self.state(), "stopCount": self.stop_count}

    def isAlive(self):  # pylint: disable=invalid-name
        return place.is_alive()

    def travel(self):
        """fred-ts has staged a checkpoint: any resume shows gdb that state, as a stop without a signal (T00)."""
        self.session.undisturb()
        with self.session.quietly():
            # Not stepi: when the state is the end and a breakpoint stands here, gdb 13 believes for ever that it is stepping
            # over it, and the next run never resumes. Backwards it does not step over breakpoints.
            # starti and not run: gdb 13 gives it a pending GDB_SIGNAL_0 stop and resumes nothing.
            quiet.travel("reverse-stepi" if place.is_alive() else "starti")
        return {"state": self.state()}

    def mi(self, command):
        quoted = command.replace("\\", "\\\\").replace('"', '\\"')
        return {"text": quits.allowed(gdb.execute, 'interpreter-exec mi3 "%s"' % quoted, False, True)}

    def cli(self, command):
        with self.session.quietly():
            return {"output": quits.allowed(gdb.execute, command, False, True)}

    def state(self):
        return place.state(self.exit_code)

    def evaluate(self, expression, scope=None):
        return evaluation.evaluate(self.session, expression, scope)

    def bind(self, expression):
        """An expression that does not parse is refused here, before anything travels."""
        try:
            gdb.execute("whatis " + expression, False, True)
        except gdb.MemoryError:
            pass
        except gdb.error as error:
            if _BAD_EXPRESSION.search(str(error)):
                raise channels.Refused("badExpression", str(error)) from None
        return names.bind(expression) if place.is_alive() else {"text": expression, "scope": None}

    def lineTable(self, pc):  # pylint: disable=invalid-name
        return place.line_table(int(pc, 16))

    def bodyStart(self, pc):  # pylint: disable=invalid-name
        start = place.body_start(int(pc, 16))
        return None if start is None else place.hexadecimal(start)

    def constructors(self):
        return place.constructors() if place.is_alive() else []

    def callers(self):
        return place.callers() if place.is_alive() else []

    def suspendBreakpoints(self):  # pylint: disable=invalid-name
        numbers = []
        for breakpoint in gdb.breakpoints() or ():
            if breakpoint.enabled and breakpoint.visible:
                breakpoint.enabled = False
                numbers.append(breakpoint.number)
        return numbers

    def resumeBreakpoints(self, numbers):  # pylint: disable=invalid-name
        for breakpoint in gdb.breakpoints() or ():
            if breakpoint.number in numbers:
                breakpoint.enabled = True

    def describeFrame(self):  # pylint: disable=invalid-name
        return quits.allowed(gdb.execute, "frame", False, True) if place.is_alive() else "The program is not being run.\n"

    def describeDisplays(self):  # pylint: disable=invalid-name
        """What gdb shows after a stop of its own."""
        self.session.disturb()
        if not place.is_alive():
            return ""
        level = gdb.selected_frame().level()
        with self.session.quietly():
            try:
                return quits.allowed(gdb.execute, "display", False, True)
            finally:
                self.session.scratch.end()
                place.select_level(level)

    def print(self, text, isError=False):  # pylint: disable=invalid-name
        # q at the end of a page is a KeyboardInterrupt: it must fail here, or the command would go on printing.
        quits.allowed(gdb.write, text, gdb.STDERR if isError else gdb.STDOUT)
        gdb.flush(gdb.STDOUT)

    def script(self, path):
        self.session.disturb()
        try:
            self.session.run_file(path)
        except gdb.GdbError as error:
            raise channels.Refused("gdb", str(error)) from None

    def flush(self):
        scratch.flush()

    @quits.on_event
    def _on_resume(self, _event):
        self.is_running = True

    @quits.on_event
    def _on_stop(self, _event):
        self.is_running = False
        self.stop_count += 1

    @quits.on_event
    def _on_exit(self, event):
        """A killed program (`run` once more, `kill`) exits as well, while it is stopped; the MI channel tells no stop then."""
        self.exit_code = getattr(event, "exit_code", None)
        if self.is_running:
            self.stop_count += 1
        self.is_running = False

    @quits.on_event
    def _on_call(self, event):
        # The end of a call is no stop.
        if isinstance(event, gdb.InferiorCallPostEvent):
            self.is_running = False
