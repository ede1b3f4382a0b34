"""JSON-lines RPC with fred-ts over a unix socket. Strictly nested: while a request waits for its answer, requests of
fred-ts are served. One request of the shim is in flight at a time (gdb has one thread)."""
import json
import select
import socket
import traceback

import gdb

from . import quits


class FredFailure(Exception):
    """fred-ts answered with an error; the text is one line for the user."""


class ChannelClosed(Exception):
    """fred-ts has ended."""


class Refused(Exception):
    """An answer of the shim that is an error with a kind that fred-ts knows."""

    def __init__(self, kind, message):
        super().__init__(message)
        self.kind = kind


class Channel:
    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.socket.connect(path)
        self.pending = b""
        self.last_id = 0
        self.methods = {}
        self.is_open = True

    @quits.undivided
    def request(self, method, **params):
        """Sends a request and serves fred-ts until the answer is there. ^C meanwhile becomes a `cancel` notification."""
        self.last_id += 1
        request = {"id": self.last_id, "method": method, "params": params}
        self._send(request)
        while True:
            message = self._receive()
            if "method" in message:
                self._serve(message)
            elif message.get("id") != request["id"]:
                raise ChannelClosed("fred-ts answered out of order")
            elif "error" in message:
                raise FredFailure(message["error"].get("message", ""))
            else:
                return message.get("result")

    def notify(self, method, **params):
        self._send({"method": method, "params": params})

    def interrupt(self):
        """What the program does next is to be stopped, as by ^C. Without an effect once fred-ts has ended."""
        try:
            self.notify("interrupt")
        except ChannelClosed:
            pass

    def _serve(self, message):
        answer = {"id": message["id"]}
        try:
            answer["result"] = self.methods[message["method"]](**message.get("params", {}))
        except KeyboardInterrupt:
            # gdb turns ^C during gdb.execute into KeyboardInterrupt ("Quit").
            self.notify("cancel")
            answer["error"] = {"message": "Quit", "kind": "interrupted"}
        except Refused as refused:
            answer["error"] = {"message": str(refused), "kind": refused.kind}
        except gdb.error as error:
            answer["error"] = {"message": str(error), "kind": "gdb"}
        except Exception as error:  # pylint: disable=broad-except
            answer["error"] = {"message": "%s\n%s" % (error, traceback.format_exc()), "kind": "shim"}
        self._send(answer)

    def _send(self, message):
        line = (json.dumps(message) + "\n").encode()
        try:
            self.socket.sendall(line)
        except OSError:
            self.is_open = False
            raise ChannelClosed("fred-ts has ended; leave gdb with quit") from None

    def _receive(self):
        while b"\n" not in self.pending:
            if self._is_quit_while_waiting():
                self.notify("cancel")
                continue
            try:
                chunk = self.socket.recv(1 << 16)
            except OSError:
                chunk = b""
            if not chunk:
                self.is_open = False
                raise ChannelClosed("fred-ts has ended; leave gdb with quit")
            self.pending += chunk
        line, self.pending = self.pending.split(b"\n", 1)
        return json.loads(line.decode())

    def _is_quit_while_waiting(self):
        """Waits for something to read. gdb's SIGINT handler restarts recv (SA_RESTART) but never select: ^C is seen at once."""
        try:
            quits.allowed(select.select, [self.socket], [], [])
            return False
        except KeyboardInterrupt:
            return True
