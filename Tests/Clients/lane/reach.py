"""Who answers at an address, asked from a namespace; and waiting for a condition."""

import socket
import time
from dataclasses import dataclass

REQUEST = b"GET /cgi-bin/who HTTP/1.0\r\n\r\n"
# TCP sends a lost first packet again after 1 s. A shorter patience makes every loss a failure: a network
# that is not ready when the runtime returns loses the first packet.
PATIENCE = 0.9


@dataclass
class Answer:
    """What a server said about itself, or why none answered (`failure` is then not empty)."""
    name: str = ""
    port: str = ""
    source: str = ""
    milliseconds: float = 0
    failure: str = ""

    def __str__(self):
        if self.failure:
            return f"no answer: {self.failure}"
        return f"{self.name} answered on its port {self.port}, seeing the client as {self.source}"


def family_of(address):
    return socket.AF_INET6 if ":" in address else socket.AF_INET


def parse(text, started):
    """Servers of the lane answer with `name port client-address`; HTTP headers are skipped."""
    words = text.decode(errors="replace").replace("\r", "").split("\n\n")[-1].split()
    if len(words) < 3:
        return Answer(failure=f"unexpected text {text[:80]!r}")
    source = words[2].strip("[]").removeprefix("::ffff:")
    return Answer(words[0], words[1], source, (time.monotonic() - started) * 1000)


def ask_tcp(place, address, port, timeout=PATIENCE):
    """One HTTP request from `place`; the whole exchange is bounded by `timeout` seconds."""
    started = time.monotonic()
    try:
        with place.socket(family_of(address), socket.SOCK_STREAM) as connection:
            connection.settimeout(timeout)
            connection.connect((address, port))
            connection.sendall(REQUEST)
            text = b""
            while chunk := connection.recv(4096):
                text += chunk
                connection.settimeout(max(0.01, timeout - (time.monotonic() - started)))
        return parse(text, started)
    except OSError as error:
        return Answer(failure=str(error) or type(error).__name__)


def ask_udp(place, address, port, source_port=0, timeout=PATIENCE):
    """One datagram from `place` and the answer to it. A fixed `source_port` makes the same flow again."""
    started = time.monotonic()
    try:
        with place.socket(family_of(address), socket.SOCK_DGRAM) as channel:
            channel.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            channel.bind(("", source_port))
            channel.settimeout(timeout)
            channel.sendto(b"who", (address, port))
            text, answerer = channel.recvfrom(4096)
            if answerer[:2] != (address, port):
                return Answer(failure=f"the answer came from {answerer[0]}:{answerer[1]}")
        return parse(text, started)
    except OSError as error:
        return Answer(failure=str(error) or type(error).__name__)


def wait_until(description, condition, seconds=5.0):
    """Asks every 50 ms for a condition that no event announces; RuntimeError when the time is over."""
    deadline = time.monotonic() + seconds
    while not (value := condition()):
        if time.monotonic() > deadline:
            raise RuntimeError(f"waited {seconds:g} s in vain: {description}")
        time.sleep(0.05)
    return value
