"""How much of the machine other work used while we measured."""

import os
import resource
import time


def busy_seconds() -> float:
    """CPU seconds the machine has spent on anything but idling, all processors together."""
    with open("/proc/stat") as statistics:
        fields = [int(field) for field in statistics.readline().split()[1:9]]
    idle, waiting = fields[3], fields[4]
    return (sum(fields) - idle - waiting) / os.sysconf("SC_CLK_TCK")


def own_seconds() -> float:
    """CPU seconds of this process and all its children that have ended."""
    usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


class Watch:
    """Started before a measurement; tells afterwards what part of the processors others used.

    The kernel's own threads count as others; they use a few percent when namespaces and links come and go.
    """

    def __init__(self) -> None:
        self.start, self.busy, self.own = time.monotonic(), busy_seconds(), own_seconds()

    def others(self) -> float:
        elapsed = (time.monotonic() - self.start) * (os.cpu_count() or 1)
        return max(0.0, busy_seconds() - self.busy - (own_seconds() - self.own)) / elapsed
