"""Everything a network leaves in the kernel and on disk, as sorted lines of text that can be compared."""

import ipaddress
import json
import os
import re
import subprocess

import ruleset

CNI_FOLDERS = ("/var/lib/cni", "/run/cni", "/etc/cni")
# host-local's bookkeeping of a network, which the file format keeps while no address is taken; no CNI
# command says that a network is gone, so it stays in every implementation. cni.lock is podman's own.
KEPT_FILES = re.compile(r"/var/lib/cni/networks/[^/]+/(lock|last_reserved_ip\.\d+)|/etc/cni/net\.d/cni\.lock")
SYSCTLS = [f"net/ipv4/conf/{name}/{key}" for name in ("all", "default", "lo", "uplink0")
           for key in ("route_localnet", "rp_filter", "accept_local")]
# Chains for networks of one prefix length, made with the first such network: as static as the rest of the base.
PREFIX_CHAIN = re.compile(r"nft (chain|rule) inet swift_cni (masquerade|hairpin)6?_\d+\b")
OWN_TABLE = re.compile(r"nft (table|chain|rule|set|map) inet swift_cni\b")


def output(*command):
    result = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if result.returncode != 0:
        raise RuntimeError(f"{' '.join(command)}: {result.stderr.strip()}")
    return result.stdout


def links(namespace):
    for link in json.loads(namespace.run("ip", "-json", "-details", "link", "show")):
        words = [link["ifname"], link.get("linkinfo", {}).get("info_kind", link["link_type"]), link["address"],
                 f"mtu {link['mtu']}", link["operstate"]]
        words += [f"{key} {link[key]}" for key in ("master", "ifalias") if key in link]
        yield f"{namespace} link " + " ".join(words)


def addresses(namespace):
    for link in json.loads(namespace.run("ip", "-json", "address", "show")):
        for address in link["addr_info"]:
            yield f"{namespace} address {address['local']}/{address['prefixlen']} on {link['ifname']}"


def routes_and_rules(namespace):
    for family in ("-4", "-6"):
        for line in namespace.run("ip", family, "route", "show", "table", "all").splitlines():
            yield f"{namespace} route {' '.join(line.split())}"
        for line in namespace.run("ip", family, "rule", "show").splitlines():
            yield f"{namespace} rule {' '.join(line.split())}"


def iptables():
    """Lines of iptables-save: nft 1.0.6 shows some rules made through iptables-nft as nothing at all."""
    for command in ("iptables-save", "ip6tables-save"):
        table = ""
        for line in output(command).splitlines():
            if line.startswith("*"):
                table = line[1:]
                yield f"{command} table {table}"
            elif line and not line.startswith("#") and line != "COMMIT":
                yield f"{command} {table} " + re.sub(r"\s*\[\d+:\d+\]", "", line)


def connections(subnets, gateways):
    """Tracked connections that name an address of a container, without their time-outs.

    A gateway is the host's address: what only names it is the host's. Reports of multicast membership (IGMP) are the kernel's
    own; one may be sent when an earlier network's bridge goes.
    """
    for family in ("ipv4", "ipv6"):
        for line in output("conntrack", "-L", "-f", family).splitlines():
            if "dst=224.0.0.22 " in line:
                continue
            named = {ipaddress.ip_address(text) for text in re.findall(r"(?:src|dst)=(\S+)", line)} - gateways
            if any(address in subnet for address in named for subnet in subnets):
                yield "conntrack " + " ".join(re.sub(r"^(\S+\s+\d+)\s+\d+", r"\1", line).split())


def files():
    for folder in CNI_FOLDERS:
        for parent, names, leaves in os.walk(folder):
            yield f"file {parent}/"
            for leaf in leaves:
                path = os.path.join(parent, leaf)
                with open(path, "rb") as file:
                    content = file.read(200).decode(errors="replace")
                yield f"file {path} {content!r}" if content else f"file {path}"


def namespaces():
    return (f"network namespace {name}" for name in os.listdir("/run/netns"))


def sysctls():
    for key in SYSCTLS:
        with open(f"/proc/sys/{key}") as file:
            yield f"host sysctl {key} = {file.read().strip()}"


def processes():
    """Programs that run here beside the lane itself: runtimes, their monitors, plugins that linger."""
    own = {1, os.getpid()}
    for entry in os.listdir("/proc"):
        if not entry.isdigit() or int(entry) in own:
            continue
        try:
            with open(f"/proc/{entry}/stat") as file:
                name, state, parent = re.match(r"\d+ \((.*)\) (\S) (\d+)", file.read(), re.DOTALL).groups()
            with open(f"/proc/{entry}/cmdline") as file:
                command = " ".join(file.read().split("\0"))[:120]
        except (FileNotFoundError, ProcessLookupError):
            continue
        if state != "Z":
            yield f"process {name}: {command}"


# What a line tells, by its beginning.
KINDS = {
    "link, address or route": re.compile(r".*host (link|address|route|rule) "),
    "rule or element": re.compile(r"nft |ip6?tables-save "),
    "tracked connection": re.compile(r"conntrack "),
    "file": re.compile(r"file "),
    "process, namespace or sysctl": re.compile(r"process |network namespace |host sysctl "),
}


class World:
    """One look at the whole world. Tracked connections count that name an address of `subnets`, gateways apart."""

    def __init__(self, topology, subnets=(), gateways=frozenset()):
        lines = []
        for namespace in (topology.host, topology.lan):
            lines += [*links(namespace), *addresses(namespace), *routes_and_rules(namespace)]
        lines += [*ruleset.lines(), *iptables(), *connections(subnets, gateways)]
        lines += [*files(), *namespaces(), *sysctls(), *processes()]
        self.lines = set(lines)

    def difference(self, before, traces, base_may_vanish=False):
        """For each kind, the lines that appeared (+) or vanished (-) since `before`.

        Not counted is what may stay: host-local's bookkeeping, folders and empty files, and the static
        base of our own table if it was not there before, each only if no word of `traces` (names of
        networks, container ids, addresses, …) occurs in it.
        """
        new_base = not any(OWN_TABLE.match(line) for line in before.lines)
        appeared = {line for line in self.lines - before.lines if not may_stay(line, traces, new_base)}
        vanished = {line for line in before.lines - self.lines if not (base_may_vanish and OWN_TABLE.match(line))}
        signed = [f"+ {line}" for line in sorted(appeared)] + [f"- {line}" for line in sorted(vanished)]
        return {kind: [line for line in signed if pattern.match(line[2:])] for kind, pattern in KINDS.items()}


def may_stay(line, traces, new_base):
    if line.startswith("file "):
        path, _, content = line.removeprefix("file ").partition(" ")
        if KEPT_FILES.fullmatch(path) or re.fullmatch(r"/var/lib/cni/networks/[^/]+/(\.index/)?", path):
            return True
        return not content and not any(trace in path for trace in traces)
    if OWN_TABLE.match(line):
        return (new_base or PREFIX_CHAIN.match(line)) and not any(trace in line for trace in traces)
    return False
