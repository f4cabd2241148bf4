"""A host on which many ports are published, seen from a second host."""

import itertools
import os
import socket
import struct
import subprocess
import time

from .contender import Contender, published
from .namespaces import NetworkNamespace
from .plan import Plan
from .processes import Outcome, drain
from .world import World

BRIDGE_STEP, PORTMAP_STEP = 0, 1
PORT, SERVICE, FIRST_FILLER = 8080, 80, 20000
HOST_ADDRESS, CLIENT_ADDRESS = "192.0.2.1", "192.0.2.2"
PATIENCE = 5  # seconds until a connection counts as refused
client_numbers = itertools.count(1)


class PublishingHost:
    """A container that can publish port 8080 while another one holds `count` - 1 ports already."""

    def __init__(self, plan: Plan, contender: Contender, count: int):
        self.world: World = plan.world(contender)
        self.count = count
        if count > 1:
            self.fill(count - 1)
        self.attachment = self.world.new_attachment([published(PORT, SERVICE)])
        self.world.run_step("ADD", BRIDGE_STEP, self.attachment)
        self.connect_client()
        with self.attachment.namespace:
            self.service = socket.create_server(("0.0.0.0", SERVICE), backlog=64)

    def fill(self, count: int) -> None:
        """Publishes ports one by one, none of which equals its container port, so that no range can hold them."""
        by_plugin = 1 if self.world.contender.name == "reference" else count
        filler = self.world.new_attachment([published(FIRST_FILLER + number, SERVICE) for number in range(by_plugin)])
        self.world.run_step("ADD", BRIDGE_STEP, filler)
        self.world.run_step("ADD", PORTMAP_STEP, filler)
        if by_plugin < count:
            with self.world.host:
                rules = reference_rules(filler.address(), range(FIRST_FILLER + 1, FIRST_FILLER + count))
                subprocess.run(["iptables-restore", "--noflush"], input=rules.encode(), check=True)
        drain()

    def connect_client(self) -> None:
        self.client = NetworkNamespace(f"client{next(client_numbers)}")
        name = os.path.basename(self.client.path)

        def ip(*words: str) -> None:
            subprocess.run(["ip", *words], check=True)

        with self.world.host:
            ip("link", "add", "client", "type", "veth", "peer", "name", "eth0", "netns", name)
            ip("address", "add", f"{HOST_ADDRESS}/24", "dev", "client")
            ip("link", "set", "client", "up")
        with self.client:
            ip("address", "add", f"{CLIENT_ADDRESS}/24", "dev", "eth0")
            ip("link", "set", "eth0", "up")

    def publish(self) -> Outcome:
        return self.world.run_step("ADD", PORTMAP_STEP, self.attachment)

    def withdraw(self) -> Outcome:
        return self.world.run_step("DEL", PORTMAP_STEP, self.attachment)

    def connection_time(self) -> float:
        """Seconds of one connect() from the client to the published port."""
        with self.client, socket.socket() as connection:
            # Reset instead of TIME_WAIT, so that ports and memory do not fill up.
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack("ll", PATIENCE, 0))
            start = time.monotonic_ns()
            connection.connect((HOST_ADDRESS, PORT))
            end = time.monotonic_ns()
            self.service.accept()[0].close()
        return (end - start) / 1e9

    def close(self) -> None:
        self.service.close()
        self.client.close()
        self.world.close()


def reference_rules(address: str, ports: range) -> str:
    """The reference's rules for one container per port, in the text its own ADD leaves behind.

    The plugin itself runs iptables several times a port, which takes hours for 10 000.
    """
    chains, jumps, rules = [], [], []
    for port in ports:
        chain = f"CNI-DN-{port:021x}"
        comment = f'-m comment --comment "dnat name: \\"bench\\" id: \\"{port:064x}\\""'
        match = f"-p tcp -m tcp --dport {port}"
        chains.append(f":{chain} - [0:0]")
        jumps.append(f"-A CNI-HOSTPORT-DNAT -p tcp {comment} -m multiport --dports {port} -j {chain}")
        rules += [f"-A {chain} -s 10.88.0.0/16 {match} -j CNI-HOSTPORT-SETMARK",
                  f"-A {chain} -s 127.0.0.1/32 {match} -j CNI-HOSTPORT-SETMARK",
                  f"-A {chain} {match} -j DNAT --to-destination {address}:{SERVICE}"]
    return "\n".join(["*nat", *chains, *jumps, *rules, "COMMIT", ""])
