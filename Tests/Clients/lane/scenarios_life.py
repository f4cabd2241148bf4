"""Scenarios about the life of a container: stopped, restarted, killed, and its rules lost."""

import os
import signal

from reach import wait_until
from topology import HOST4, LAN4
from world import output


def kill(lane, pid):
    """SIGKILL, and waits until the process is gone."""
    os.kill(pid, signal.SIGKILL)
    wait_until(f"process {pid} has ended", lambda: not os.path.exists(f"/proc/{pid}"))


def restart(lane):
    """a container restarts, stops and starts again"""
    network = lane.network()
    web = lane.container("web", "--publish", "8080:80", network=network)
    lane.reached(lane.lan, HOST4, 8080, web, source=LAN4)
    web.restart()
    lane.note_traces(web)
    lane.reached(lane.lan, HOST4, 8080, web, source=LAN4)
    lane.reached(lane.host, "127.0.0.1", 8080, web)
    lane.podman.run("stop", "--time", "0", "web")
    lane.unreached(lane.lan, HOST4, 8080, because=" while the container is stopped")
    lane.podman.run("start", "web")
    web.refresh()
    lane.note_traces(web)
    lane.reached(lane.lan, HOST4, 8080, web, source=LAN4)
    leases = [name for name in os.listdir(f"/var/lib/cni/networks/{network.name}") if name[0].isdigit()]
    lane.check("it holds one address", leases == [web.address4], leases)


def kill_container(lane):
    """kill -9 of the container's first process, then podman rm -f; its port is free at once"""
    network = lane.network()
    web = lane.container("web", "--publish", "8080:80", network=network)
    lane.reached(lane.lan, HOST4, 8080, web, source=LAN4)
    kill(lane, web.pid)
    web.remove()
    lane.unreached(lane.lan, HOST4, 8080, because=" once the container is gone")
    heir = lane.container("heir", "--publish", "8080:80", network=network)
    lane.reached(lane.lan, HOST4, 8080, heir, source=LAN4)
    kill(lane, heir.pid)


def kill_conmon(lane):
    """kill -9 of conmon, which would have cleaned up, then of the container, then podman rm -f"""
    network = lane.network()
    web = lane.container("web", "--publish", "8080:80", network=network)
    lane.reached(lane.lan, HOST4, 8080, web, source=LAN4)
    kill(lane, web.monitor_pid)
    lane.reached(lane.lan, HOST4, 8080, web, source=LAN4)
    kill(lane, web.pid)
    web.remove()
    lane.unreached(lane.lan, HOST4, 8080, because=" once the container is gone")
    heir = lane.container("heir", "--publish", "8080:80", network=network)
    lane.reached(lane.lan, HOST4, 8080, heir, source=LAN4)
    kill(lane, heir.monitor_pid)


def reload(lane):
    """somebody flushes the ruleset; podman network reload brings the rules back for running containers"""
    network = lane.network()
    web = lane.container("web", "--publish", "8080:80", network=network)
    lane.reached(lane.lan, HOST4, 8080, web, source=LAN4)
    output("nft", "flush", "ruleset")
    lane.unreached(lane.lan, HOST4, 8080, because=" after a flush")
    lane.podman.run("network", "reload", "--all")
    web.refresh()
    lane.note_traces(web)
    lane.reached(lane.lan, HOST4, 8080, web, source=LAN4)
    lane.reached(lane.host, "127.0.0.1", 8080, web)
    lane.leaves_as_host(web, LAN4, (HOST4,))
