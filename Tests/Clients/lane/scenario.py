"""What a scenario works with: networks, containers, questions, and the comparison of the worlds."""

import ipaddress
import json
import os
import shutil
import subprocess

from podman import Container, Network, PodmanError
from reach import ask_tcp, wait_until
from topology import LAN_PORT, UPLINK
from world import World, output, processes

# A refused connection fails at once. This long, in seconds, a silent one is given to prove that nobody answers.
SILENCE = 0.5


class WorldDamaged(RuntimeError):
    """What a scenario left could not be removed; the following ones would start from another world."""


class Scenario:
    """One run of one scenario, from an untouched world back to it."""

    def __init__(self, name, topology, podman, report):
        self.name = name
        self.topology, self.podman, self.report = topology, podman, report
        self.host, self.lan = topology.host, topology.lan
        self.networks, self.containers = [], []
        self.traces = set()
        topology.stop_forwarding()
        self.before = World(topology)

    # What scenarios build from

    def network(self, *options, name=""):
        """A new network, named for the scenario, so that host-local's bookkeeping starts fresh."""
        network = Network(self.podman, f"lane-{self.name}{name}", *options)
        return self.remember(network)

    def default_network(self):
        return self.remember(Network.default(self.podman))

    def remember(self, network):
        self.networks.append(network)
        self.traces |= {network.name, network.bridge, *network.subnets, *filter(None, network.gateways)}
        return network

    def container(self, name, *options, network, ports="80", protocol="tcp"):
        container = Container(
            self.podman, name, "--network", getattr(network, "name", network), *options,
            ports=ports, protocol=protocol)
        self.containers.append(container)
        self.note_traces(container)
        return container

    def note_traces(self, container):
        """Call again after a restart: the addresses may be others."""
        self.traces |= {container.id, container.id[:12]}
        for found in container.networks.values():
            self.traces |= set(filter(None, (found["IPAddress"], found["GlobalIPv6Address"])))

    # Questions

    def check(self, description, good, reason=""):
        return self.report.check(description, good, reason)

    def reached(self, place, address, port, container, inner_port="80", source=None, ask=ask_tcp):
        """The first packets from `place` must reach that container, which must see `source` if given."""
        answer = ask(place, address, port)
        good = (answer.name, answer.port) == (container.name, inner_port)
        description = f"{place} reaches {container.name} at {address} port {port}"
        if source is not None:
            description += ", its own address kept"
            good = good and answer.source == source
        if good:
            description += f" ({answer.milliseconds:.1f} ms)"
        return self.check(description, good, answer)

    def unreached(self, place, address, port, ask=ask_tcp, because=""):
        """Nobody may answer `place` there."""
        answer = ask(place, address, port, timeout=SILENCE)
        return self.check(f"{place} gets no answer at {address} port {port}{because}", answer.failure, answer)

    def leaves_as_host(self, place, lan_address, host_addresses):
        """A connection from `place` to the second host must arrive there from one of these addresses."""
        answer = ask_tcp(place, lan_address, LAN_PORT)
        return self.check(f"{place} reaches the second host at {lan_address}, masqueraded as the host",
                          answer.name == "lan" and answer.source in host_addresses, answer)

    def refused(self, description, *podman_arguments):
        """A podman command that must fail; its complaint is shown, because somebody has to understand it."""
        try:
            self.podman.run(*podman_arguments)
        except PodmanError as error:
            good = self.check(description, True)
            print(f"    {str(error).splitlines()[-1]}", flush=True)
            return good
        return self.check(description, False, "the command succeeded")

    # The way back

    def finish(self):
        """Removes containers and networks as an administrator does, then compares the worlds."""
        problems = []
        for command in [("rm", "--force", "--all", "--time", "0"),
                        *(("network", "rm", network.name) for network in self.networks if network.name != "podman")]:
            try:
                if command[0] == "rm" or self.exists(command[-1]):
                    self.podman.run(*command)
            except Exception as error:
                problems.append(str(error))
        self.report.check("podman removes containers and networks without a complaint", not problems,
                          "\n".join(problems))
        if any(network.name == "podman" for network in self.networks):
            # podman has no command that removes its default network; the bridge is the administrator's.
            subprocess.run(["ip", "link", "delete", "cni-podman0"], stderr=subprocess.DEVNULL)
        try:
            wait_until("every process of podman and of the plugins has ended", lambda: not list(processes()))
        except RuntimeError:
            pass  # The world shows which ones.
        return self.compare()

    def exists(self, network):
        return network in self.podman.run("network", "ls", "--format", "{{.Name}}").split()

    def compare(self):
        """One check for each kind of trace. Containers' addresses are those of their networks, except gateways."""
        subnets = [ipaddress.ip_network(text) for network in self.networks for text in network.subnets]
        gateways = {ipaddress.ip_address(text) for network in self.networks for text in filter(None, network.gateways)}
        self.topology.stop_forwarding()
        left = World(self.topology, subnets, gateways).difference(self.before, self.traces)
        for kind, lines in left.items():
            self.report.check(f"leaves no {kind} behind", not lines, "\n".join(lines), left=kind)
        if any(left.values()):
            self.restore(left)

    def restore(self, left):
        """Removes by hand what was left, so that the next scenario starts from the same world."""
        subprocess.run(["podman", "rm", "--force", "--all", "--time", "0"], env=self.podman.environment,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        output("nft", "flush", "ruleset")
        subprocess.run(["conntrack", "-F"], stderr=subprocess.DEVNULL)
        for link in json.loads(output("ip", "-json", "link")):
            if link["ifname"] not in ("lo", UPLINK):
                subprocess.run(["ip", "link", "delete", link["ifname"]], stderr=subprocess.DEVNULL)
        for name in os.listdir("/run/netns"):
            if name not in ("host", "lan"):
                subprocess.run(["ip", "netns", "delete", name], stderr=subprocess.DEVNULL)
        for line in sorted(left["file"], reverse=True):
            sign, path = line.split()[0], line.split()[2]
            if sign == "+":
                shutil.rmtree(path) if path.endswith("/") else os.unlink(path)
        for line in left["process, namespace or sysctl"]:
            if line.startswith("- host sysctl "):
                self.host.set_sysctl(line.split()[3], line.split()[5])
        # The base of our own table may have been in the world before, and has now been flushed with the rest.
        remains = World(self.topology).difference(self.before, self.traces, base_may_vanish=True)
        if any(remains.values()):
            raise WorldDamaged("\n".join(line for lines in remains.values() for line in lines))
