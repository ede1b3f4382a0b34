"""Where the program is: innermost frame, canonical frame address, line starts, the frame of a scope."""
import os
import re

import gdb

_MASK = (1 << 64) - 1


def hexadecimal(value):
    return hex(int(value) & _MASK)


def is_alive():
    return gdb.selected_inferior().pid != 0


def is_running():
    thread = gdb.selected_thread()
    return thread is not None and thread.is_running()


def state(exit_code=None, signal=None):
    """The message `state`: a place, or {"ended": …} when gdb has no process."""
    if not is_alive():
        return {"ended": {"exitCode": exit_code, "signal": signal}}
    return describe(gdb.newest_frame())


def describe(frame):
    """The message for one frame; for a caller `pc` is the return address and the line is that of the call."""
    pc = frame.pc()
    line = frame.find_sal() if frame.level() > 0 else gdb.find_pc_line(pc)
    symtab = line.symtab if line.symtab and has_source(line.symtab) else None
    thread = gdb.selected_thread()
    return {
        "pc": hexadecimal(pc),
        "sp": hexadecimal(frame.read_register("rsp")),
        "cfa": hexadecimal(canonical_address(frame)),
        "function": frame.name(),
        "file": symtab.filename if symtab else None,
        "line": line.line if symtab and line.line else None,
        "isLineStart": bool(symtab and line.line and line.pc == pc),
        "threadNumber": thread.num if thread else 1,
    }


def has_source(symtab):
    """Whether statements of this file count. Debug symbols of a library alone (libc6-dbg) do not make it the user's code: its
    sources must be there. The program itself counts without them."""
    if os.path.exists(symtab.fullname()):
        return True
    # Separate debug files are objfiles of their own, with the one they belong to as owner.
    objfile = symtab.objfile.owner or symtab.objfile
    return objfile.filename == gdb.current_progspace().filename


def canonical_address(frame):
    """The caller's stack pointer after the call returns."""
    older = frame.older()
    while older is not None and older.type() == gdb.INLINE_FRAME:
        older = older.older()
    if frame.type() == gdb.NORMAL_FRAME and older is not None and older.is_valid():
        return int(older.read_register("rsp"))
    # main has no older frame unless "set backtrace past-main": gdb still knows the address (`info frame`, gdb 7 to 16:
    # "Stack level 0, frame at 0x7ffe…:").
    selected = gdb.selected_frame()
    try:
        frame.select()
        found = re.search(r"frame at (0x[0-9a-f]+)", gdb.execute("info frame", False, True))
        return int(found.group(1), 16) if found else int(frame.read_register("rsp"))
    finally:
        selected.select()


def callers():
    """The frames that called the present one, nearest first."""
    found = []
    frame = gdb.newest_frame().older()
    while frame is not None:
        found.append(describe(frame))
        frame = frame.older()
    return found


def entry_point():
    """The address of the program's first own instruction, which runs once (gdb 7 to 16: "Entry point: 0x…")."""
    return int(re.search(r"Entry point: (0x[0-9a-f]+)", gdb.execute("info files", False, True)).group(1), 16)


def constructors():
    """The program's own functions that run before main (its section .init_array), those with source."""
    # gdb 7 to 16: "\t0x3db8 - 0x3dc8 is .init_array", and behind that " in FILE" for a library.
    found = re.search(r"(0x[0-9a-f]+) - (0x[0-9a-f]+) is \.init_array$", gdb.execute("info files", False, True), re.MULTILINE)
    if found is None:
        return []
    start, end = (int(text, 16) for text in found.groups())
    pointers = gdb.selected_inferior().read_memory(start, end - start).cast("B").cast("Q").tolist()
    return [hexadecimal(pointer) for pointer in pointers if gdb.find_pc_line(pointer).line]


def line_table(pc):
    """[{address, line}] of all statement starts of the function at `pc`, ascending."""
    block = _function_block(pc)
    if block is None:
        return []
    starts = []
    address = block.start
    while address < block.end:
        line = gdb.find_pc_line(address)
        if line.symtab and line.line and line.pc >= block.start:
            starts.append({"address": hexadecimal(line.pc), "line": line.line})
        if line.last is None or line.last < address:
            break
        address = line.last + 1
    return starts


_body_starts = {}


def body_start(pc):
    """Where the frame of the function at `pc` is set up and its arguments are in place: where gdb puts a breakpoint on it."""
    block = _function_block(pc)
    if block is None:
        return None
    if block.start not in _body_starts:
        _body_starts[block.start] = _find_body(block)
    return _body_starts[block.start]


def is_before_body(pc):
    block = _function_block(pc)
    return block is not None and block.start <= pc < body_start(pc)


def _find_body(block):
    """gdb skips a prologue for breakpoints only; an internal one is not seen by the user, and has no number of theirs."""
    breakpoint = gdb.Breakpoint(
        source=block.function.symtab.filename, function=block.function.name, internal=True, temporary=True
    )
    try:
        # gdb 13 and newer tell the locations.
        addresses = [location.address for location in getattr(breakpoint, "locations", ())]
    finally:
        breakpoint.delete()
    starts = [int(row["address"], 16) for row in line_table(block.start)[1:]]
    return next((address for address in addresses + starts if block.start <= address < block.end), block.start)


def _function_block(pc):
    """Of the function that is called, not of one that is inlined into it; None without debug information."""
    block = gdb.block_for_pc(pc)
    while block is not None and (block.function is None or _is_inlined(block)):
        block = block.superblock
    return block


def _is_inlined(block):
    """A nested function block lies inside another function's block: an inlined call."""
    outer = block.superblock
    while outer is not None and not outer.is_static and not outer.is_global:
        if outer.function is not None:
            return True
        outer = outer.superblock
    return False


def frame_of(scope):
    """The live frame of a scope {function, cfa}; None when it is not on the stack."""
    wanted = int(scope["cfa"], 16)
    frame = gdb.newest_frame()
    while frame is not None:
        if frame.name() == scope["function"] and canonical_address(frame) == wanted:
            return frame
        frame = frame.older()
    return None


def select_level(level):
    """Selects the frame of this level; the outermost one there is when the stack is shorter."""
    frame = gdb.newest_frame()
    while frame.level() < level and frame.older() is not None:
        frame = frame.older()
    frame.select()
