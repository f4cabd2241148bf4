"""What is measured of container runtimes."""

import json
import os
import socket
import subprocess
import time

from .engines import PORT, Engine, EngineFailed
from .figures import Figure, Samples, at_most, duration, fraction, times
from .namespaces import NetworkNamespace
from .plan import progress, rotated

HOST, CLIENT = "192.0.2.1", "192.0.2.2"
PARTS = ("files", "cgroup", "clone", "network", "root", "exec", "record")
TIMES = "/run/times"  # where berth writes how long the parts of a start took
MANY, AT_ONCE = 200, 16
PATIENCE = 60  # seconds


class Neighbour:
    """A second host, from which published ports are tried."""

    def __init__(self) -> None:
        self.namespace = NetworkNamespace("client")
        for words in (["link", "add", "lan0", "type", "veth", "peer", "name", "lan0", "netns", "client"],
                      ["address", "add", f"{HOST}/24", "dev", "lan0"], ["link", "set", "lan0", "up"]):
            subprocess.run(["ip", *words], check=True)
        with self.namespace:
            subprocess.run(["ip", "address", "add", f"{CLIENT}/24", "dev", "lan0"], check=True)
            subprocess.run(["ip", "link", "set", "lan0", "up"], check=True)

    def await_page(self, name: str, port: int = PORT) -> None:
        """Returns with the first answer of the runtime of that name."""
        deadline = time.monotonic() + PATIENCE
        with self.namespace:
            while time.monotonic() < deadline:
                try:
                    with socket.create_connection((HOST, port), timeout=PATIENCE) as connection:
                        connection.sendall(b"GET / HTTP/1.0\r\n\r\n")
                        if b"200 OK" in connection.recv(4096):
                            return
                except OSError:
                    pass
        raise EngineFailed(f"{name}: no page from port {port} within {PATIENCE} s")


def seconds(action) -> float:
    start = time.monotonic()
    action()
    return time.monotonic() - start


def measure_true(ours: Engine, other: Engine | None, rounds: int) -> list[Figure]:
    """A program that ends at once, without a network."""
    actions = {"berth": lambda: ours.run("run", "--rm", "--network", "none", *ours.root, "true")}
    if other:
        actions["crun"] = lambda: other.run("run", *other.root, "bench")
    samples = {name: Samples() for name in actions}
    for turn in range(-3, rounds):
        progress(f"run true {max(turn, 0)}/{rounds}")
        for name in rotated(list(actions), turn):
            spent = seconds(actions[name])
            if turn >= 0:
                samples[name].add(spent)
    figure = Figure("`run --rm --network none busybox true`", {name: str(sample) for name, sample in samples.items()})
    if other:
        figure.claims.append(times(samples["berth"].median(), samples["crun"].median(), "crun", 1.6))
        figure.notes.append("crun without a cgroup")
    return [figure]


def measure_publishing(engines: list[Engine], neighbour: Neighbour, rounds: int) -> list[Figure]:
    first, removal = ({engine.name: Samples() for engine in engines} for _ in range(2))
    parts = {part: Samples() for part in PARTS}
    command = Samples()
    for turn in range(-2, rounds):
        progress(f"first answer {max(turn, 0)}/{rounds}")
        for engine in rotated(engines, turn):
            start = time.monotonic()
            engine.run(*engine.serve("web"))
            ended = time.monotonic()
            neighbour.await_page(engine.name)
            answered = time.monotonic()
            if engine.name == "berth":
                with open(TIMES) as file:
                    split = json.loads(file.readlines()[-1])
            removed = seconds(lambda: engine.run("rm", "-f", *([] if engine.name == "berth" else ["-t", "0"]), "web"))
            if turn < 0:
                continue
            first[engine.name].add(answered - start)
            removal[engine.name].add(removed)
            if engine.name == "berth":
                command.add(ended - start)
                for part in PARTS:
                    parts[part].add(split[part] / 1e6)
    answer = Figure("`run -d -p 8080:80` to the first HTTP answer", {name: str(sample) for name, sample in first.items()})
    value = first["berth"].median()
    answer.claims.append(at_most(duration(value), value, 0.05, "50 ms"))
    gone = Figure("`rm -f` of it", {name: str(sample) for name, sample in removal.items()})
    if "podman" in first:
        answer.claims.append(fraction(value, first["podman"].median(), "podman", 4))
        gone.claims.append(fraction(removal["berth"].median(), removal["podman"].median(), "podman", 6))
    inside = sum(sample.median() for sample in parts.values())
    split = Figure("one start, split", {"berth": duration(command.median())}, notes=[
        *(f"{part} {duration(sample.median())}" for part, sample in parts.items()),
        f"the command and the start of its supervisor {duration(max(0.0, command.median() - inside))}"])
    return [answer, gone, split]


def supervisors() -> list[tuple[int, int]]:
    """Resident and unshared kilobytes of every supervisor."""
    sizes = []
    for entry in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{entry}/cmdline", "rb") as file:
                if b"--supervise" not in file.read().split(b"\0")[1:2]:
                    continue
            with open(f"/proc/{entry}/status") as file:
                fields = dict(line.split(":", 1) for line in file)
        except (FileNotFoundError, ProcessLookupError):
            continue
        sizes.append((int(fields["VmRSS"].split()[0]), int(fields["RssAnon"].split()[0])))
    return sizes


def measure_many(ours: Engine, neighbour: Neighbour, count: int) -> list[Figure]:
    names = [f"many{number}" for number in range(count)]
    each = []
    for number, name in enumerate(names):
        progress(f"{number}/{count} one after another")
        each.append(seconds(lambda: ours.run(*ours.serve(name, 10000 + number))))
    neighbour.await_page(ours.name, 10000)
    neighbour.await_page(ours.name, 10000 + count - 1)
    sizes = supervisors()
    edge = max(1, min(10, count // 4))
    early, late = (Samples(part).median() for part in (each[:edge], each[-edge:]))
    serial = Figure(f"{count} with published ports, one after another", {"berth": f"{duration(early)} → {duration(late)} each"})
    serial.claims.append(times(late, early, "the first ones", 2))
    largest = max(size[0] for size in sizes)
    serial.claims.append(at_most(f"supervisor {largest / 1024:.1f} MB resident, {max(size[1] for size in sizes) / 1024:.1f} MB of its own",
                                 largest, 6 * 1024, "6 MB"))
    removal = seconds(lambda: ours.run("rm", "-f", *names))
    serial.notes.append(f"`rm -f` of all: {duration(removal)}")
    progress(f"{count}, {AT_ONCE} at a time")
    failures: list[str] = []
    spent = seconds(lambda: start_at_once(ours, names, failures))
    neighbour.await_page(ours.name, 10000 + count - 1)
    ours.run("rm", "-f", *names)
    together = Figure(f"{count} with published ports, {AT_ONCE} at a time", {"berth": f"{duration(spent)} in all"})
    together.claims.append(at_most(f"{len(failures)} failures", len(failures), 0, "0"))
    together.notes += failures[:2]
    return [serial, together]


def start_at_once(ours: Engine, names: list[str], failures: list[str]) -> None:
    waiting = [ours.serve(name, 10000 + number) for number, name in enumerate(names)]
    running: dict[int, subprocess.Popen] = {}
    while waiting or running:
        while waiting and len(running) < AT_ONCE:
            process = ours.start(*waiting.pop(0))
            running[process.pid] = process
        pid, status = os.wait()
        process = running.pop(pid, None)
        if process is None:
            continue  # an orphan, of which this process is the parent in its namespace
        process.returncode = os.waitstatus_to_exitcode(status)
        said = process.stderr.read().decode(errors="replace").strip()
        process.stderr.close()
        if process.returncode != 0:
            failures.append(said)
