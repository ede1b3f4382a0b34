"""JSON-lines RPC with fred-ts over a unix socket. Strictly nested: while a request waits for its answer, requests of
fred-ts are served. One request of the shim is in flight at a time (gdb has one thread)."""
import json
import select
import socket
import traceback

import gdb


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

    def request(self, method, **params):
        """Sends a request and serves fred-ts until the answer is there. ^C meanwhile becomes a `cancel` notification."""
        self.last_id += 1
        mine = self.last_id
        self._send({"id": mine, "method": method, "params": params})
        while True:
            message = self._receive()
            if "method" in message:
                self._serve(message)
            elif message.get("id") != mine:
                raise ChannelClosed("fred-ts answered out of order")
            elif "error" in message:
                raise FredFailure(message["error"].get("message", ""))
            else:
                return message.get("result")

    def notify(self, method, **params):
        self._send({"method": method, "params": params})

    def close(self):
        self.is_open = False
        self.socket.close()

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
        while True:
            try:
                self.socket.sendall(line)
                return
            except KeyboardInterrupt:
                # sendall of a short line either sent it or did not start; it cannot be told which, so only the
                # second ^C in a row can hurt. Sending it again would be worse.
                return
            except OSError:
                self.is_open = False
                raise ChannelClosed("fred-ts has ended; leave gdb with quit") from None

    def _receive(self):
        while b"\n" not in self.pending:
            try:
                # gdb's SIGINT handler restarts recv (SA_RESTART) but never select: ^C is seen at once.
                select.select([self.socket], [], [])
                chunk = self.socket.recv(1 << 16)
            except KeyboardInterrupt:
                self.notify("cancel")
                continue
            except OSError:
                chunk = b""
            if not chunk:
                self.is_open = False
                raise ChannelClosed("fred-ts has ended; leave gdb with quit")
            self.pending += chunk
        line, self.pending = self.pending.split(b"\n", 1)
        return json.loads(line.decode())
