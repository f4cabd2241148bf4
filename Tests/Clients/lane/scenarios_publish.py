"""Scenarios about published ports: who reaches them, and who does not."""

import socket

from reach import ask_udp
from topology import HOST4, HOST4_SECOND, HOST6, HOST6_SECOND, LAN4, LAN6, UPLINK


def publish_all(lane):
    """a port published on every address is reached from everywhere"""
    network = lane.network()
    web = lane.container("web", "--publish", "8080:80", network=network)
    sibling = lane.container("sibling", network=network)
    lane.reached(lane.lan, HOST4, 8080, web, source=LAN4)
    lane.reached(lane.lan, HOST4_SECOND, 8080, web, source=LAN4)
    lane.reached(lane.host, HOST4, 8080, web)
    lane.reached(lane.host, "127.0.0.1", 8080, web)
    lane.reached(web, HOST4, 8080, web)
    lane.reached(web, network.gateways[0], 8080, web)
    lane.reached(sibling, HOST4, 8080, web)
    lane.reached(sibling, web.address4, 80, web)
    lane.unreached(lane.lan, HOST4, 8081)
    web.remove()
    lane.unreached(lane.lan, HOST4, 8080, because=" once the container is gone")
    second = lane.container("second", "--publish", "8080:80", network=network)
    lane.reached(lane.lan, HOST4, 8080, second, source=LAN4)


def publish_local(lane):
    """a port published on 127.0.0.1 is the host's alone"""
    network = lane.network()
    web = lane.container("web", "--publish", "127.0.0.1:8080:80", network=network)
    sibling = lane.container("sibling", network=network)
    lane.reached(lane.host, "127.0.0.1", 8080, web)
    lane.unreached(lane.host, HOST4, 8080)
    lane.unreached(lane.lan, HOST4, 8080)
    lane.unreached(lane.lan, HOST4_SECOND, 8080)
    lane.unreached(sibling, HOST4, 8080)
    lane.unreached(sibling, network.gateways[0], 8080)
    # Packets to 127.0.0.1 that come in from a wire must not get there, whatever has been done on the bridge for
    # the host's own connections (route_localnet). The second host has no loopback, so a route is all it needs.
    switch = f"net/ipv4/conf/{UPLINK}/route_localnet"
    lane.lan.run("ip", "route", "add", "127.0.0.1", "via", HOST4)
    lane.lan.set_sysctl(switch, 1)
    lane.unreached(lane.lan, "127.0.0.1", 8080, because=", sent to the host by a route")
    lane.lan.set_sysctl(switch, 0)
    lane.lan.run("ip", "route", "delete", "127.0.0.1")
    # A container with CAP_NET_ADMIN can do the same, over the very bridge.
    sibling.run("ip", "address", "delete", "127.0.0.1/8", "dev", "lo")
    sibling.run("ip", "route", "add", "127.0.0.1", "via", network.gateways[0])
    sibling.set_sysctl("net/ipv4/conf/all/route_localnet", 1)
    lane.unreached(sibling, "127.0.0.1", 8080, because=", sent to the host by a route")


def publish_address(lane):
    """a port published on one LAN address answers on that one only, and another port's owner on the other"""
    network = lane.network()
    web = lane.container("web", "--publish", f"{HOST4}:8080:80", network=network)
    sibling = lane.container("sibling", network=network)
    for place in (lane.lan, lane.host, web, sibling):
        lane.reached(place, HOST4, 8080, web, source=LAN4 if place is lane.lan else None)
    lane.unreached(lane.lan, HOST4_SECOND, 8080)
    lane.unreached(lane.host, HOST4_SECOND, 8080)
    lane.unreached(lane.host, "127.0.0.1", 8080)
    lane.unreached(sibling, HOST4_SECOND, 8080)
    other = lane.container("other", "--publish", f"{HOST4_SECOND}:8080:80", network=network)
    lane.reached(lane.lan, HOST4, 8080, web, source=LAN4)
    lane.reached(lane.lan, HOST4_SECOND, 8080, other, source=LAN4)


def publish_range(lane):
    """ranges of ports, with equal and with shifted numbers"""
    network = lane.network()
    web = lane.container("web", "--publish", "9000-9009:9000-9009", "--publish", "9100-9104:9003-9007",
                         network=network, ports="9000 9003 9007 9009")
    for outer, inner in ((9000, "9000"), (9007, "9007"), (9009, "9009"), (9100, "9003"), (9104, "9007")):
        lane.reached(lane.lan, HOST4, outer, web, inner, source=LAN4)
    lane.reached(lane.host, "127.0.0.1", 9009, web, "9009")
    lane.reached(lane.host, "127.0.0.1", 9104, web, "9007")
    lane.reached(web, HOST4, 9003, web, "9003")
    for outer in (8999, 9010, 9099, 9105):
        lane.unreached(lane.lan, HOST4, outer)


def udp(lane):
    """a UDP port, taken over at once by a second container although its flows are still remembered"""
    network = lane.network()

    def serve(name):
        return lane.container(name, "--publish", "5300:53/udp", network=network, ports="53", protocol="udp")

    def ask_again(place, address, port):
        return ask_udp(place, address, port, source_port=40000)

    first = serve("first")
    sibling = lane.container("sibling", network=network)
    lane.reached(lane.lan, HOST4, 5300, first, "53", source=LAN4, ask=ask_again)
    lane.reached(lane.host, HOST4, 5300, first, "53", ask=ask_again)
    lane.reached(lane.host, "127.0.0.1", 5300, first, "53", ask=ask_again)
    lane.reached(first, HOST4, 5300, first, "53", ask=ask_udp)
    lane.reached(sibling, HOST4, 5300, first, "53", ask=ask_udp)
    first.remove()
    second = serve("second")
    lane.reached(lane.lan, HOST4, 5300, second, "53", source=LAN4, ask=ask_again)
    lane.reached(lane.host, "127.0.0.1", 5300, second, "53", ask=ask_again)
    second.remove()
    # This time the client keeps sending while nobody serves the port.
    with lane.lan.socket(socket.AF_INET, socket.SOCK_DGRAM) as channel:
        channel.bind(("", 40000))
        channel.sendto(b"is anybody there", (HOST4, 5300))
    third = serve("third")
    lane.reached(lane.lan, HOST4, 5300, third, "53", source=LAN4, ask=ask_again)


def dual_stack(lane):
    """a network with both families, published on all addresses of both and on one IPv6 address"""
    network = lane.network("--ipv6", "--subnet", "10.90.0.0/24", "--subnet", "fd90::/64")
    web = lane.container("web", "--publish", "8080:80", "--publish", f"[{HOST6}]:8081:80", network=network)
    sibling = lane.container("sibling", network=network)
    lane.check("the container has an address of each family",
               web.address4.startswith("10.90.0.") and web.address6.startswith("fd90::"),
               f"{web.address4!r} and {web.address6!r}")
    lane.reached(lane.lan, HOST4, 8080, web, source=LAN4)
    lane.reached(lane.lan, HOST6, 8080, web, source=LAN6)
    lane.reached(lane.lan, HOST6, 8081, web, source=LAN6)
    lane.unreached(lane.lan, HOST6_SECOND, 8081)
    lane.unreached(lane.lan, HOST4, 8081)
    lane.reached(lane.host, HOST4, 8080, web)
    lane.reached(lane.host, "127.0.0.1", 8080, web)
    lane.reached(lane.host, HOST6, 8080, web)
    lane.reached(lane.host, web.address6, 80, web)
    lane.reached(web, HOST4, 8080, web)
    lane.reached(web, HOST6, 8080, web)
    lane.reached(sibling, HOST6, 8080, web)
    lane.reached(sibling, web.address6, 80, web)
    lane.leaves_as_host(sibling, LAN4, (HOST4, HOST4_SECOND))
    lane.leaves_as_host(sibling, LAN6, (HOST6, HOST6_SECOND))
