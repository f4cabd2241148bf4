"""Who is measured: folders of plugins, and the network each of them attaches containers to."""

import json
import os
import subprocess
from dataclasses import dataclass

VERSION = "1.0.0"
BRIDGE = {
    "type": "bridge",
    "bridge": "cni0",
    "isGateway": True,
    "ipMasq": True,
    "hairpinMode": True,
    "ipam": {
        "type": "host-local",
        "ranges": [[{"subnet": "10.88.0.0/16"}]],
        "routes": [{"dst": "0.0.0.0/0"}],
    },
}
PORTMAP = {"type": "portmap", "capabilities": {"portMappings": True}}


@dataclass(frozen=True)
class Contender:
    """Plugins of one make. `steps` are the processes of an ADD: program and its part of the network list."""

    name: str
    folder: str
    steps: tuple[tuple[str, dict], ...] = (("bridge", BRIDGE), ("portmap", PORTMAP))
    ruleset: str | None = None

    def program(self, name: str) -> str:
        return os.path.join(self.folder, name)

    def prepare_host(self) -> None:
        """Loads what the host's namespace must hold before the first ADD; the plugins themselves need nothing."""
        if self.ruleset:
            subprocess.run(["nft", "-f", self.ruleset], check=True)


def swift_cni(folder: str) -> Contender:
    return Contender("swift-cni", folder)


def reference(folder: str) -> Contender:
    return Contender("reference", folder)


def floor(folder: str, ruleset: str) -> Contender:
    return Contender("C floor", folder, ruleset=ruleset)


def floor_in_one_process(folder: str, ruleset: str) -> Contender:
    return Contender("C floor, 1 process", folder, (("both", BRIDGE | PORTMAP),), ruleset)


def configuration(part: dict, network: str, leases: str, ports: list[dict], previous: dict | None) -> bytes:
    """The text a runtime gives a plugin on standard input, without blanks."""
    text: dict = {"name": network, "cniVersion": VERSION} | part
    if "ipam" in part:
        text["ipam"] = part["ipam"] | {"dataDir": leases}
    if "capabilities" in part:
        text["runtimeConfig"] = {"portMappings": ports}
    if previous is not None:
        text["prevResult"] = previous
    return json.dumps(text, separators=(",", ":")).encode()


def published(host_port: int, container_port: int) -> dict:
    return {"hostPort": host_port, "containerPort": container_port, "protocol": "tcp"}
