"""Scenarios about networks: several of them, closed ones, and fixed addresses."""

import json

from topology import HOST4, HOST4_SECOND, LAN4


def run(lane):
    """podman's default network, as somebody uses it who has configured nothing"""
    network = lane.default_network()
    web = lane.container("web", "--publish", "8080:80", network=network)
    sibling = lane.container("sibling", network=network)
    lane.reached(lane.lan, HOST4, 8080, web, source=LAN4)
    lane.reached(lane.host, web.address4, 80, web)
    lane.reached(sibling, web.address4, 80, web)
    lane.leaves_as_host(web, LAN4, (HOST4, HOST4_SECOND))
    out = lane.podman.run("run", "--rm", "localhost/lane", "sh", "-c", "echo done")
    lane.check("a short-lived container runs and is removed", out == "done\n", repr(out))


def two_networks(lane):
    """one container on two networks; podman asks both networks' plugins to publish its port"""
    first, second = lane.network(name="-a"), lane.network(name="-b")
    web = lane.container("web", "--publish", "8080:80", network=f"{first.name},{second.name}")
    near = lane.container("near", network=first)
    far = lane.container("far", network=second)
    address = {name: found["IPAddress"] for name, found in web.networks.items()}
    lane.reached(near, address[first.name], 80, web)
    lane.reached(far, address[second.name], 80, web)
    lane.reached(lane.host, address[first.name], 80, web)
    lane.reached(lane.host, address[second.name], 80, web)
    lane.reached(lane.lan, HOST4, 8080, web, source=LAN4)
    lane.reached(lane.host, "127.0.0.1", 8080, web)
    lane.reached(near, far.address4, 80, far)


def internal(lane):
    """an internal network connects its containers and nothing else"""
    network = lane.network("--internal")
    outside = lane.network(name="-open")
    web = lane.container("web", network=network)
    sibling = lane.container("sibling", network=network)
    stranger = lane.container("stranger", network=outside)
    lane.reached(sibling, web.address4, 80, web)
    lane.unreached(web, LAN4, 7000)
    lane.unreached(web, HOST4, 80)
    lane.unreached(lane.host, web.address4, 80)
    lane.unreached(stranger, web.address4, 80)
    lane.leaves_as_host(stranger, LAN4, (HOST4, HOST4_SECOND))


def isolated(lane):
    """networks created with isolate=true do not reach each other, containers of one network do"""
    first = lane.network("--opt", "isolate=true", name="-a")
    second = lane.network("--opt", "isolate=true", name="-b")
    web = lane.container("web", "--publish", "8080:80", network=first)
    sibling = lane.container("sibling", network=first)
    stranger = lane.container("stranger", network=second)
    lane.reached(sibling, web.address4, 80, web)
    lane.reached(web, sibling.address4, 80, sibling)
    lane.unreached(stranger, web.address4, 80)
    lane.unreached(web, stranger.address4, 80)
    lane.reached(lane.host, web.address4, 80, web)
    lane.reached(lane.host, stranger.address4, 80, stranger)
    lane.reached(lane.lan, HOST4, 8080, web, source=LAN4)
    lane.leaves_as_host(stranger, LAN4, (HOST4, HOST4_SECOND))
    stranger.remove()
    again = lane.container("again", network=second)
    lane.unreached(again, web.address4, 80)


def fixed_address(lane):
    """an address and a MAC that the user chose"""
    network = lane.network("--subnet", "10.91.0.0/24")
    address, mac = "10.91.0.77", "02:91:00:00:00:77"
    web = lane.container("web", "--ip", address, "--mac-address", mac, "--publish", "8080:80", network=network)
    found = json.loads(web.run("ip", "-json", "address", "show", "dev", "eth0"))[0]
    addresses = [entry["local"] for entry in found["addr_info"] if entry["family"] == "inet"]
    lane.check(f"eth0 has {address} and no other IPv4 address", addresses == [address], addresses)
    lane.check(f"eth0 has {mac}", found["address"] == mac, found["address"])
    lane.check("podman shows both", (web.address4, web.first_network["MacAddress"]) == (address, mac),
               web.first_network)
    lane.reached(lane.lan, HOST4, 8080, web, source=LAN4)
    lane.refused("a second container cannot have the same address", "run", "--rm", "--network", network.name,
                 "--ip", address, "localhost/lane", "sh", "-c", "exit 0")
    lane.reached(lane.lan, HOST4, 8080, web, source=LAN4)
    web.restart()
    lane.check("it has the same address after a restart", web.address4 == address, web.address4)
    lane.reached(lane.lan, HOST4, 8080, web, source=LAN4)


def network_rm(lane):
    """removing one network takes its bridge and its containers, and leaves the other alone"""
    gone, stays = lane.network(name="-gone"), lane.network(name="-stays")
    lane.container("web", "--publish", "8080:80", network=gone)
    other = lane.container("other", "--publish", "8081:80", network=stays)
    lane.refused("a network in use is not removed", "network", "rm", gone.name)
    gone.remove("--force", "--time", "0")
    links = [link["ifname"] for link in json.loads(lane.host.run("ip", "-json", "link"))]
    lane.check("its bridge has gone, the other is there", gone.bridge not in links and stays.bridge in links, links)
    lane.unreached(lane.lan, HOST4, 8080)
    lane.reached(lane.lan, HOST4, 8081, other, source=LAN4)
    lane.leaves_as_host(other, LAN4, (HOST4, HOST4_SECOND))


def connect(lane):
    """a running container joins a second network and leaves it again"""
    first, second = lane.network(name="-a"), lane.network(name="-b")
    web = lane.container("web", "--publish", "8080:80", network=first)
    far = lane.container("far", network=second)
    lane.podman.run("network", "connect", second.name, "web")
    web.refresh()
    lane.note_traces(web)
    lane.reached(far, web.networks[second.name]["IPAddress"], 80, web)
    lane.reached(lane.lan, HOST4, 8080, web, source=LAN4)
    lane.podman.run("network", "disconnect", second.name, "web")
    web.refresh()
    lane.check("podman shows the first network only", list(web.networks) == [first.name], list(web.networks))
    links = [link["ifname"] for link in json.loads(web.run("ip", "-json", "link"))]
    lane.check("the second interface has gone", sorted(links) == ["eth0", "lo"], links)
    lane.reached(lane.lan, HOST4, 8080, web, source=LAN4)
