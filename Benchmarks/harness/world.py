"""One contender's world: a host namespace, and the containers attached to its network."""

import itertools
import json
import os
import time
from dataclasses import dataclass, field

from .contender import BRIDGE, Contender, configuration, published
from .namespaces import NetworkNamespace
from .processes import Outcome, Running, drain, patience

INTERFACE = "eth0"
QUIET = 5  # packets a second
SEARCH_PATH = "/usr/sbin:/usr/bin:/sbin:/bin"
numbers = itertools.count(1)


@dataclass
class Attachment:
    """A container and what it asks for; `result` is the last one a plugin gave."""

    container: str
    namespace: NetworkNamespace
    ports: list[dict]
    result: dict | None = None

    def address(self) -> str:
        return self.result["ips"][0]["address"].split("/")[0]


@dataclass
class Cost:
    """Wall seconds of the plugins, one after the other; CPU seconds of them and of the children they left."""

    wall: float
    cpu: float


@dataclass
class World:
    contender: Contender
    scratch: str
    attachments: list[Attachment] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.name = f"bench{next(numbers)}"
        self.leases = os.path.join(self.scratch, self.name)
        self.host = NetworkNamespace(self.name)
        self.containers: list[NetworkNamespace] = []
        with self.host:
            self.contender.prepare_host()

    def new_attachment(self, ports: list[dict]) -> Attachment:
        number = next(numbers)
        namespace = NetworkNamespace(f"container{number}")
        self.containers.append(namespace)
        return Attachment(f"{number:064x}", namespace, ports)

    def environment(self, command: str, attachment: Attachment) -> dict[str, str]:
        return {
            "CNI_COMMAND": command,
            "CNI_CONTAINERID": attachment.container,
            "CNI_NETNS": attachment.namespace.path,
            "CNI_IFNAME": INTERFACE,
            "CNI_PATH": self.contender.folder,
            "PATH": SEARCH_PATH,
        }

    def start(self, command: str, step: int, attachment: Attachment) -> Running:
        """Starts the plugin of `step` for `attachment`; to be called inside the host namespace."""
        program, part = self.contender.steps[step]
        previous = None if command == "ADD" and step == 0 else attachment.result
        text = configuration(part, self.name, self.leases, attachment.ports, previous)
        return Running(self.contender.program(program), [program], self.environment(command, attachment), text)

    def finish(self, command: str, step: int, attachment: Attachment, outcome: Outcome) -> Outcome:
        """Checks the outcome of a plugin and keeps its result."""
        outcome.check(f"{self.contender.name}: {command} {self.contender.steps[step][0]}")
        if command == "ADD" and step == 0:
            attachment.result = json.loads(outcome.output)
        return outcome

    def run_step(self, command: str, step: int, attachment: Attachment) -> Outcome:
        with self.host, patience():
            return self.finish(command, step, attachment, self.start(command, step, attachment).finish())

    def order(self, command: str) -> list[int]:
        """The steps as a runtime takes them: DEL goes from the last plugin to the first."""
        steps = list(range(len(self.contender.steps)))
        return steps if command == "ADD" else steps[::-1]

    def run(self, command: str, attachment: Attachment) -> Cost:
        outcomes = [self.run_step(command, step, attachment) for step in self.order(command)]
        return Cost(sum(outcome.wall for outcome in outcomes), sum(outcome.cpu for outcome in outcomes))

    def attach(self, ports: list[dict] | None = None) -> Attachment:
        """Attaches a container that stays."""
        attachment = self.new_attachment(ports if ports is not None else [self.free_port()])
        self.run("ADD", attachment)
        drain()
        self.attachments.append(attachment)
        return attachment

    def wait_until_quiet(self) -> None:
        """Waits until the containers have stopped talking, for at most 30 s.

        A new interface looks for IPv6 neighbours and routers for some seconds, and the bridge copies each of these
        packets to all ports: with 200 new containers that is most of what the processors do.
        """
        before = self.packets()
        for _ in range(30):
            time.sleep(1)
            now = self.packets()
            if now - before <= QUIET:
                return
            before = now

    def packets(self) -> int:
        """The number of packets the bridge has received from its ports."""
        with self.host, open("/proc/thread-self/net/dev") as interfaces:
            lines = [line.split() for line in interfaces]
        return sum(int(words[2]) for words in lines if words[0] == f"{BRIDGE['bridge']}:")

    def free_port(self) -> dict:
        return published(10000 + len(self.attachments), 80)

    def links_left(self, attachment: Attachment) -> list[str]:
        """The links of a detached container that still exist."""
        names = [entry["name"] for entry in attachment.result["interfaces"][1:2] if self.host.has_link(entry["name"])]
        return names + [INTERFACE] if attachment.namespace.has_link(INTERFACE) else names

    def close(self) -> None:
        for namespace in [*self.containers, self.host]:
            namespace.close()
