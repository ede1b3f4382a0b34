"""What the names of an expression mean where it was typed, so that they mean the same in every other state."""
import re

import gdb

from . import place

_NAME = re.compile(r"(?<![\w$.\"'])(?<!->)(?<!::)[$]?[A-Za-z_]\w*(?!\w|\s*::)")
_STRING = re.compile(r"\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*'")


def bind(expression):
    """The message `BoundExpression`: globals are named with their file, so that no local of another frame takes their place;
    with locals or registers the expression belongs to the selected frame."""
    names = set(_names(expression))
    variables = {name: _variable(name) for name in names if not name.startswith("$")}
    local = {name: symbol for name, symbol in variables.items() if symbol is not None and symbol.needs_frame}
    fixed = {name: _fixed(name, symbol) for name, symbol in variables.items() if symbol is not None and name not in local}
    needs_frame = bool(local) or any(_is_register(name) or _is_member(name) for name in names)
    return {"text": _replaced(expression, fixed), "scope": _scope(local) if needs_frame else None}


def other_meaning(scope, frame):
    """The name of a local that is another variable (or none) at `frame`, as in a block that is over; None: all are as typed."""
    for local in scope["locals"]:
        symbol = gdb.lookup_symbol(local["name"], frame.block())[0]
        if symbol is None or symbol.line != local["line"]:
            return local["name"]
    return None


def _names(expression):
    return _NAME.findall(_STRING.sub('""', expression))


def _variable(name):
    try:
        symbol = gdb.lookup_symbol(name)[0]
    except gdb.error:
        return None
    return symbol if symbol is not None and (symbol.is_variable or symbol.is_argument) else None


def _is_member(name):
    """A member of the class whose member function is selected."""
    try:
        return not name.startswith("$") and bool(gdb.lookup_symbol(name)[1])
    except gdb.error:
        return False


def _is_register(name):
    if name in ("$pc", "$sp", "$fp"):
        return True
    try:
        gdb.selected_frame().read_register(name[1:])
        return name.startswith("$")
    except (gdb.error, ValueError):
        return False


def _scope(local):
    frame = gdb.selected_frame()
    rows = [{"name": name, "line": symbol.line, "isArgument": symbol.is_argument} for name, symbol in local.items()]
    cfa = place.hexadecimal(place.canonical_address(frame))
    return {"function": frame.name(), "cfa": cfa, "locals": rows}


def _fixed(name, symbol):
    """A text for the same variable in every frame; a static of a function is named with that, too."""
    function = gdb.selected_frame().name() or ""
    for prefix in ("'%s'::" % symbol.symtab.filename, "'%s'::%s::" % (symbol.symtab.filename, function)):
        try:
            if _address(prefix + name) == _address(name):
                return prefix + name
        except gdb.error:
            continue
    return name


def _address(name):
    return int(gdb.parse_and_eval("(unsigned long) &" + name))


def _replaced(expression, fixed):
    """`expression` with its names replaced; strings stay."""
    parts, at = [], 0
    for found in list(_STRING.finditer(expression)) + [None]:
        end = found.start() if found else len(expression)
        parts.append(_NAME.sub(lambda name: fixed.get(name.group(), name.group()), expression[at:end]))
        if found:
            parts.append(found.group())
            at = found.end()
    return "".join(parts)
