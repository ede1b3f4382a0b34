"""^C in the shim. gdb's handler makes Python raise KeyboardInterrupt between any two bytecodes: in code that puts things back, in
half a message, in a handler of an event, whose exceptions gdb prints and forgets. So SIGINT is blocked while code of ours
runs, and let in only where gdb itself works or where we wait.
"""
import functools
import signal

_QUIT = {signal.SIGINT}
_pass_on = None


def tell(pass_on):
    """`pass_on()` is called for a ^C that came while a handler of an event ran: what the program does next is to be stopped."""
    global _pass_on
    _pass_on = pass_on


def _forbid():
    """From here on ^C waits. Returns (whether it waited already, whether one has come that nobody has seen)."""
    has_come = False
    while True:
        try:
            before = signal.pthread_sigmask(signal.SIG_BLOCK, _QUIT)
            return signal.SIGINT in before, has_come
        except KeyboardInterrupt:
            has_come = True


def _allow():
    """Raises KeyboardInterrupt when one is waiting."""
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _QUIT)


def allowed(function, *arguments):
    """Calls a function of gdb's that ^C may end: KeyboardInterrupt then, and ^C waits again as before."""
    was_forbidden = signal.SIGINT in signal.pthread_sigmask(signal.SIG_BLOCK, ())
    try:
        try:
            _allow()
            return function(*arguments)
        finally:
            if was_forbidden and _forbid()[1]:
                raise KeyboardInterrupt
    except KeyboardInterrupt:
        if was_forbidden:
            _forbid()
        raise


def _undivided(function, at_quit):
    @functools.wraps(function)
    def run(*arguments, **named):
        was_forbidden, has_come = _forbid()
        try:
            return function(*arguments, **named)
        finally:
            if not was_forbidden:
                try:
                    _allow()
                except KeyboardInterrupt:
                    has_come = True
                if has_come:
                    at_quit()

    return run


def undivided(function):
    """A decorator: ^C meanwhile comes too late for `function`, and there is nothing after it that it could be meant for."""
    return _undivided(function, lambda: None)


def on_event(function):
    """A decorator of handlers of gdb's events: ^C meanwhile is meant for what gdb does next."""
    return _undivided(function, lambda: _pass_on())
