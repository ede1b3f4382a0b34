"""A gdb script as whole statements: a block (define, commands, python, if …) with its `end` is one statement.

No gdb import here: this module is also used by tests under plain Python.
"""
import re


def _opener(line):
    """How the block that `line` opens reads its body: "nested", "raw", or None when it opens none."""
    words = line.split(None, 1)
    if not words:
        return None
    name = words[0]
    rest = words[1].strip() if len(words) > 1 else ""
    if name in ("if", "while", "while-stepping", "stepping", "ws", "actions", "define", "defi", "def"):
        return "nested"
    if name in ("commands", "command", "comm", "comma", "comman"):
        return "nested"
    if name in ("document", "docu", "doc"):
        return "raw"
    if name in ("python", "py", "guile", "gu") and rest == "":
        return "raw"
    if name in ("compile", "expression") and rest in ("", "code", "code -raw", "code -r", "code --"):
        return "raw"
    return None


def split(text):
    """[(first line number, statement text)]; comments and empty lines between statements are left out."""
    return _scan(text)[0]


def is_complete(text):
    """Whether no block is open at the end of `text`."""
    return not _scan(text)[1]


def _scan(text):
    """The statements, and the kinds of the blocks that are still open."""
    statements = []
    block, start, kinds = [], 0, []
    lines = text.split("\n")
    index = 0
    while index < len(lines):
        number = index + 1
        line = lines[index]
        index += 1
        raw = bool(kinds) and kinds[-1] == "raw"
        while not raw and line.endswith("\\") and index < len(lines):
            line = line[:-1] + lines[index]
            index += 1
        stripped = line.strip()
        if not kinds and (stripped == "" or stripped.startswith("#")):
            continue
        if not kinds:
            block, start = [], number
        block.append(line if raw else stripped)
        if kinds and stripped == "end":
            kinds.pop()
        elif not raw:
            kind = _opener(stripped)
            if kind is not None:
                kinds.append(kind)
        if not kinds:
            statements.append((start, "\n".join(block)))
    if kinds:
        statements.append((start, "\n".join(block)))
    return statements, kinds


_CHANGING = ("call", "set", "return", "jump", "compile", "expression", "signal", "queue-signal", "load", "restore")
_MOVING = (
    "run r start starti next n step s continue c fg finish fin until u advance stepi si nexti ni attach "
    "reverse-next rn reverse-step rs reverse-continue rc reverse-stepi rsi reverse-nexti rni reverse-finish"
).split()
_SHORT = {"j": "jump", "ret": "return", "retu": "return"}


_RUN = re.compile(r"\s*(?:r|ru|run|star|start|starti)\s+(.*?)\s*(?:(?<!\\)&)?\s*", re.DOTALL)


def run_arguments(statement):
    """The arguments that stand behind `run` itself (`&` at the end is gdb's); None: it keeps those that are set."""
    found = _RUN.fullmatch(statement)
    return (found.group(1) or None) if found else None


def intent(statement):
    """What a command is for: "looking" (what its inferior calls change is undone), "changing" or "moving" (its calls come from
    conditions of breakpoints, displays, and the commands of breakpoints)."""
    words = statement.split(None, 1)
    name = words[0].split("/")[0] if words else ""
    name = _SHORT.get(name, name)
    if name in _MOVING:
        return "moving"
    return "changing" if name in _CHANGING else "looking"
