"""Runs one plugin process as a runtime does, and says what it cost.

Wall time runs from before the spawn until the process has ended *and* its standard output is at its end, since
that is what a runtime waits for: a detached child that keeps the pipe open is counted.

CPU time is that of the process, of all children it waited for, and of the children it left behind. The harness is
the first process of a PID namespace, so orphans become its own children: `drain` waits for them and adds what they
used. The time the kernel spends later in its own threads is in nobody's account.
"""

import fcntl
import os
import resource
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

F_SETPIPE_SZ = 1031
DEFAULT_PIPE_SIZE = 65536
PATIENCE = 120  # seconds


class PluginFailed(Exception):
    """A plugin ended with a status other than 0, or did not end; the text holds what it printed."""


def give_up(*_: object) -> None:
    raise PluginFailed(f"a plugin, or a child it left behind, still ran after {PATIENCE} s")


@contextmanager
def patience() -> Iterator[None]:
    """Fails when what is inside takes longer than PATIENCE."""
    signal.signal(signal.SIGALRM, give_up)
    signal.alarm(PATIENCE)
    try:
        yield
    finally:
        signal.alarm(0)


@dataclass
class Outcome:
    """What one process did: exit status, output, wall and CPU time in seconds."""

    status: int
    output: bytes
    wall: float
    cpu: float

    def check(self, what: str) -> "Outcome":
        if self.status != 0:
            with open("/run/stderr", "rb") as log:
                said = self.output[:500] + b" " + log.read()[-500:]
            raise PluginFailed(f"{what}: status {self.status}: {' '.join(said.decode(errors='replace').split())}")
        return self


class Running:
    """A started process whose standard input has been written already."""

    def __init__(self, path: str, arguments: list[str], environment: dict[str, str], text: bytes, report: int = -1):
        """`report`: a descriptor the process shall find as its number 3."""
        stdin, feed = os.pipe()
        if len(text) > DEFAULT_PIPE_SIZE:
            fcntl.fcntl(feed, F_SETPIPE_SZ, len(text))
        if text:
            os.write(feed, text)
        os.close(feed)
        self.stdout, stdout = os.pipe()
        actions = [(os.POSIX_SPAWN_DUP2, stdin, 0), (os.POSIX_SPAWN_DUP2, stdout, 1),
                   (os.POSIX_SPAWN_DUP2, standard_error(), 2)]
        if report >= 0:
            actions.append((os.POSIX_SPAWN_DUP2, report, 3))
        self.start = time.monotonic_ns()
        self.pid = os.posix_spawn(path, arguments, environment, file_actions=actions)
        os.close(stdout)
        os.close(stdin)

    def read_output(self) -> bytes:
        output = b""
        while part := os.read(self.stdout, 1 << 20):
            output += part
        os.close(self.stdout)
        return output

    def finish(self) -> Outcome:
        """Waits for the end."""
        output = self.read_output()
        _, status, usage = os.wait4(self.pid, 0)
        end = time.monotonic_ns()
        return Outcome(os.waitstatus_to_exitcode(status), output, (end - self.start) / 1e9, cpu_time(usage))


def cpu_time(usage: resource.struct_rusage) -> float:
    return usage.ru_utime + usage.ru_stime


_standard_error = -1


def standard_error() -> int:
    """The plugins' standard error: one file on the private /run."""
    global _standard_error
    if _standard_error < 0:
        _standard_error = os.open("/run/stderr", os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC)
    return _standard_error


def run(path: str, arguments: list[str], environment: dict[str, str], text: bytes) -> Outcome:
    with patience():
        return Running(path, arguments, environment, text).finish()


def drain() -> float:
    """Waits until every orphan has ended; returns the CPU seconds they used."""
    used = 0.0
    with patience():
        try:
            while True:
                used += cpu_time(os.wait4(-1, 0)[2])
        except ChildProcessError:
            return used
