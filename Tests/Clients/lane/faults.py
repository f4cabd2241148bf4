"""Deliberate faults: each is a plugin that does something wrong, and the line with which the lane must notice it.

A check that cannot fail is a defect. ../prove puts one fault at a time in front of the plugins under test.
"""

import glob
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from typing import Callable



class Call:
    """One run of a plugin by the runtime, with the means to change what the real plugin gets to see."""

    def __init__(self, real, command, configuration):
        self.real, self.command, self.configuration = real, command, configuration
        self.environment = dict(os.environ)

    @property
    def adds(self):
        return self.command == "ADD"

    @property
    def deletes(self):
        return self.command == "DEL"

    def run(self):
        """The real plugin; its answer becomes this plugin's."""
        result = subprocess.run([self.real], input=json.dumps(self.configuration), env=self.environment,
                                stdout=subprocess.PIPE, text=True)
        sys.stdout.write(result.stdout)
        return result.returncode

    def skip(self):
        """Success without having done anything."""
        if self.adds:
            json.dump(self.configuration["prevResult"], sys.stdout)
        return 0

    def container_address(self):
        return self.configuration["prevResult"]["ips"][0]["address"].split("/")[0]


@dataclass
class Fault:
    """What goes wrong in which plugins, and the pattern of the lane's output that shows it was noticed."""
    name: str
    plugins: str
    scenario: str
    expected: str
    act: Callable
    unexpected: str = ""


def change(**keys):
    """The real plugin gets other values for these keys of its configuration."""
    def act(call):
        call.configuration.update(keys)
        return call.run()
    return act


def shell(script, on="DEL"):
    """The real plugin, and then a command on the host; the configuration's name is $1, the container's id $2."""
    def act(call):
        code = call.run()
        if call.command == on:
            subprocess.run(["sh", "-c", script, "fault", call.configuration["name"],
                            call.environment["CNI_CONTAINERID"]], check=True, stdout=sys.stderr)
        return code
    return act


def mappings(function):
    """The real portmap gets other port mappings."""
    def act(call):
        runtime = call.configuration.get("runtimeConfig", {})
        if "portMappings" in runtime:
            runtime["portMappings"] = function(runtime["portMappings"])
        return call.run()
    return act


def without_host_address(ports):
    return [{**port, "hostIP": ""} for port in ports]


def skip_delete(call):
    return call.skip() if call.deletes else call.run()


def give_lease_away(call):
    """Instead of releasing an address, hands it to somebody who does not exist."""
    if not call.deletes:
        return call.run()
    for path in glob.glob(f"/var/lib/cni/networks/{call.configuration['name']}/[0-9]*"):
        with open(path, "r+") as file:
            if file.read().startswith(call.environment["CNI_CONTAINERID"]):
                file.seek(0)
                file.truncate()
                file.write("nobody\r\neth0")
    return 0


def skip_second_add(call):
    """Works for the first ADD of a container only."""
    marker = f"/run/client-lane/{call.environment['CNI_CONTAINERID']}"
    if call.adds and os.path.exists(marker):
        return call.skip()
    if call.adds:
        open(marker, "w").close()
    return call.run()


def forward_udp_only(call):
    """Publishes the UDP port by a rule and does not care about flows that the kernel remembers."""
    ports = call.configuration.get("runtimeConfig", {}).get("portMappings", [])
    if call.adds and ports:
        target = f"{call.container_address()}:{ports[0]['containerPort']}"
        for hook in ("prerouting", "output"):
            priority = "dstnat" if hook == "prerouting" else "-100"
            rules = (f"table ip fault_{hook} {{ chain c {{ type nat hook {hook} priority {priority}; "
                     f"fib daddr type local udp dport {ports[0]['hostPort']} dnat to {target}; }}; }}")
            subprocess.run(["nft", rules], check=True)
    elif call.deletes and ports:
        for hook in ("prerouting", "output"):
            subprocess.run(["nft", "delete", "table", "ip", f"fault_{hook}"], stderr=subprocess.DEVNULL)
    return call.skip()


def first_range_only(call):
    call.configuration["ipam"]["ranges"] = call.configuration["ipam"]["ranges"][:1]
    return call.run()


def open_network(call):
    call.configuration.update(isGateway=True, ipMasq=True)
    call.configuration["ipam"]["routes"] = [{"dst": "0.0.0.0/0"}]
    return call.run()


def without_argument(name):
    def act(call):
        words = call.environment.get("CNI_ARGS", "").split(";")
        call.environment["CNI_ARGS"] = ";".join(word for word in words if not word.startswith(f"{name}="))
        return call.run()
    return act


def other_bridge(call):
    call.configuration["bridge"] = "fault0"
    return call.run()


def skip_delete_of_second(call):
    return 0 if call.deletes and call.environment["CNI_IFNAME"] != "eth0" else call.run()


def own_table(contents):
    """What our own table may look like when nothing is attached, and what it may not."""
    return shell(f"nft \"table inet swift_cni {{ {contents}; }}\"")


EVERYTHING_MASQUERADED = "nft 'table ip fault { chain c { type nat hook postrouting priority 99; masquerade; }; }'"
FIRST_PACKET_LOST = ("nft 'table ip fault { chain c { type filter hook forward priority 0; "
                     "tcp dport 80 quota until 60 bytes drop; }; }'")
GUARD = ("nft 'table ip guard { chain c { type filter hook prerouting priority raw; "
         "iifname != lo ip daddr 127.0.0.0/8 drop; }; }'")
CONNECTION = ("conntrack -I -p udp -s 10.89.0.2 -d 198.51.100.20 --sport 1111 --dport 2222 -t 100 "
              "|| conntrack -L | grep -q sport=1111")

FAULTS = [
    Fault("ports are not published", "portmap", "publish-all", "^not ok .*second host reaches web", Call.skip),
    Fault("the first packet is lost", "bridge", "publish-all", "^not ok .*second host reaches web .*port 8080",
          shell(f"nft list table ip fault 2>&- || {FIRST_PACKET_LOST}", on="ADD")),
    Fault("clients' addresses are hidden", "bridge", "publish-all", "^not ok .*its own address kept",
          shell(f"nft list table ip fault 2>&- || {EVERYTHING_MASQUERADED}", on="ADD")),
    Fault("no hairpin", "bridge", "publish-all", "^not ok .*web reaches web at 198", change(hairpinMode=False)),
    Fault("hostIP is ignored, 127.0.0.1", "portmap", "publish-local",
          "^not ok .*second host gets no answer at 198.51.100.10", mappings(without_host_address)),
    Fault("hostIP is ignored, LAN address", "portmap", "publish-address",
          "^not ok .*second host gets no answer at 198.51.100.11", mappings(without_host_address)),
    Fault("127.0.0.1 is not handled", "portmap", "publish-all", "^not ok .*host reaches web at 127.0.0.1",
          change(snat=False)),
    Fault("the last port of a range is missing", "portmap", "publish-range", "^not ok .*reaches web at .* port 9104",
          mappings(lambda ports: ports[:-1])),
    Fault("a port too many", "portmap", "publish-range", "^not ok .*no answer at .* port 9010",
          mappings(lambda ports: ports + [{**ports[0], "hostPort": 9010, "containerPort": 9009}])),
    Fault("remembered UDP flows are kept", "portmap", "udp", "^not ok .*second host reaches third", forward_udp_only),
    Fault("ports of two networks are not published", "portmap", "two-networks", "^not ok .*second host reaches web",
          Call.skip),
    Fault("one family only", "bridge", "dual-stack", "^not ok .*an address of each family", first_range_only),
    Fault("no masquerade", "bridge", "run", "^not ok .*masqueraded as the host", change(ipMasq=False)),
    Fault("an internal network that is open", "bridge", "internal", "^not ok .*web gets no answer at 198.51.100.20",
          open_network),
    Fault("no isolation", "firewall", "isolated", "^not ok .*stranger gets no answer", Call.skip),
    Fault("IP= is ignored", "host-local", "fixed-address", "^not ok .*eth0 has 10.91.0.77", without_argument("IP")),
    Fault("MAC= is ignored", "bridge tuning", "fixed-address", "^not ok .*eth0 has 02:91", without_argument("MAC")),
    Fault("a bridge podman does not know", "bridge", "network-rm", "^    [+] host link fault0", other_bridge),
    Fault("an interface stays in the container", "bridge", "connect", "^not ok .*second interface has gone",
          skip_delete_of_second),
    Fault("a lease stays, as another's", "host-local", "restart", "^not ok .*holds one address", give_lease_away),
    Fault("a lease stays", "host-local", "restart", "^not ok .*runs to its end", skip_delete),
    Fault("ADD again does nothing", "portmap", "reload", "^not ok .*second host reaches web", skip_second_add),
    Fault("old rules stay, SIGKILL of the container", "portmap", "kill-container", "^not ok .*reaches heir",
          skip_delete),
    Fault("old rules stay, SIGKILL of conmon", "portmap", "kill-conmon", "^not ok .*reaches heir", skip_delete),
    # What may be left, one kind after the other.
    Fault("a lease is left", "host-local", "kill-container",
          "^    [+] file /var/lib/cni/networks/lane-kill-container/1", skip_delete),
    Fault("a link is left", "tuning", "kill-container", "^    [+] host link fault0",
          shell("ip link add fault0 type bridge 2>&- || true")),
    Fault("an address is left", "tuning", "kill-container", "^    [+] host address 10.99.0.1/32 on lo",
          shell("ip address replace 10.99.0.1/32 dev lo")),
    Fault("a route is left", "tuning", "kill-container", "^    [+] host route blackhole 10.99.0.0/24",
          shell("ip route replace blackhole 10.99.0.0/24")),
    Fault("a rule is left", "tuning", "kill-container", "^    [+] nft rule ip6 fault c: ip6 daddr == fd99::1",
          shell("nft 'add table ip6 fault; add chain ip6 fault c; add rule ip6 fault c ip6 daddr fd99::1 drop'")),
    Fault("an iptables rule is left", "tuning", "kill-container", "^    [+] ip6tables-save mangle -A INPUT -s fd99::1",
          shell("ip6tables -t mangle -A INPUT -s fd99::1 -j DROP")),
    Fault("a file is left", "tuning", "kill-container", "^    [+] file /run/cni/fault 'x",
          shell("mkdir -p /run/cni; echo x > /run/cni/fault")),
    Fault("an empty file with the container's id is left", "tuning", "kill-container",
          "^    [+] file /run/cni/[0-9a-f]{64}", shell("mkdir -p /run/cni; : > /run/cni/$2")),
    Fault("a network namespace is left", "tuning", "kill-container", "^    [+] network namespace fault",
          shell("ip netns add fault 2>&- || true")),
    Fault("a process is left", "tuning", "kill-container", "^    [+] process sleep",
          shell("setsid sleep 9 </dev/null >/dev/null 2>&1 &")),
    Fault("a sysctl is left", "tuning", "kill-container", "^    [+] host sysctl net/ipv4/conf/all/route_localnet = 1",
          shell("echo 1 > /proc/sys/net/ipv4/conf/all/route_localnet")),
    Fault("a tracked connection is left", "tuning", "kill-container", "^    [+] conntrack udp .*sport=1111",
          shell(CONNECTION)),
    Fault("a changed sysctl is undone for the next scenario", "tuning", "kill-container",
          "^ok .*the whole run.*sysctl", shell("echo 1 > /proc/sys/net/ipv4/conf/all/route_localnet")),
    # Our own table: its static base may stay, nothing else.
    Fault("the base of our table may stay", "tuning", "kill-container", "^ok .*kill-container: leaves no file",
          own_table("map m { type inet_service : ipv4_addr; }; chain c { type filter hook forward priority 0; }"),
          unexpected="swift_cni"),
    Fault("an element of our table is left", "tuning", "kill-container", "^    [+] nft element inet swift_cni m",
          own_table("map m { type inet_service : ipv4_addr; elements = { 80 : 10.0.0.1 }; }")),
    Fault("a network's chain in our table is left", "tuning", "kill-container",
          "^    [+] nft chain inet swift_cni lane-", own_table("chain $1 { }")),
    # And what is right is accepted: checks that every known plugin fails can be passed.
    Fault("a guard before 127.0.0.1 is accepted, from the second host", "bridge", "publish-local",
          "^ok .*second host gets no answer at 127.0.0.1", shell(f"nft list table ip guard 2>&- || {GUARD}", on="ADD")),
    Fault("a guard before 127.0.0.1 is accepted, from a sibling", "bridge", "publish-local",
          "^ok .*sibling gets no answer at 127.0.0.1", shell(f"nft list table ip guard 2>&- || {GUARD}", on="ADD")),
    Fault("nothing left is accepted", "bridge", "kill-container", "^# kill-container +4 +0 .* nothing$",
          shell("nft flush ruleset; conntrack -F")),
]
