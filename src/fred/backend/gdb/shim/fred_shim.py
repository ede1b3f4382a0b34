"""Entry of the shim: sourced into gdb by fred-ts with -ix; `start()` is called once the program file is loaded."""
import os
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__))))

from fredshim import session as fred_session  # noqa: E402

fred_session.connect()
