"""Private mounts, and two hosts joined by a cable: "host", where podman runs, and "lan"."""

import os
import socket
import subprocess
import threading

from namespace import Namespace
from reach import wait_until

# Documentation and private-use prefixes. The host has two addresses of each family, so that publishing
# on one of them can be told from publishing on all.
HOST4, HOST4_SECOND, LAN4 = "198.51.100.10", "198.51.100.11", "198.51.100.20"
HOST6, HOST6_SECOND, LAN6 = "fd51::10", "fd51::11", "fd51::20"
UPLINK = "uplink0"
LAN_PORT = 7000

PRIVATE_FOLDERS = ("/run", "/etc/cni", "/etc/containers", "/var/lib/cni", "/var/lib/containers")


def run(*command):
    subprocess.run(command, check=True)


def mount_private_folders():
    """Hides the machine's state of podman and CNI behind empty tmpfs mounts of this mount namespace."""
    for folder in PRIVATE_FOLDERS:
        run("mount", "-t", "tmpfs", "-o", "mode=755", "client-lane", folder)
    for folder in ("/run/netns", "/run/lock", "/run/client-lane/tmp", "/etc/cni/net.d"):
        os.makedirs(folder)
    # crun refuses the hybrid cgroup layout (v1 controllers with an empty v2 tree beside them).
    if os.path.ismount("/sys/fs/cgroup/unified"):
        run("umount", "/sys/fs/cgroup/unified")


class Topology:
    """host (198.51.100.10, .11, fd51::10, ::11 on uplink0) ── uplink0 of lan (198.51.100.20, fd51::20)."""

    def __init__(self):
        run("ip", "link", "set", "lo", "up")
        run("ip", "netns", "add", "lan")
        # The name under which the host's own namespace can be entered like any other.
        run("ip", "netns", "attach", "host", str(os.getpid()))
        run("ip", "link", "add", UPLINK, "address", "02:51:00:00:00:10", "type", "veth",
            "peer", "name", UPLINK, "address", "02:51:00:00:00:20", "netns", "lan")
        self.host = Namespace("host", "/run/netns/host")
        self.lan = Namespace("second host", "/run/netns/lan")
        self.address(self.host, f"{HOST4}/24", f"{HOST4_SECOND}/24", f"{HOST6}/64", f"{HOST6_SECOND}/64")
        # lo of the second host stays down, so that it has no local 127.0.0.0/8: the scenario that sends
        # forged packets to the host's 127.0.0.1 needs only a route.
        self.address(self.lan, f"{LAN4}/24", f"{LAN6}/64")
        for namespace in (self.host, self.lan):
            wait_until("the cable is up", lambda: "state UP" in namespace.run("ip", "link", "show", UPLINK))
        self.serve_peer_address()

    @staticmethod
    def address(namespace, *addresses):
        for address in addresses:
            namespace.run("ip", "address", "add", address, "dev", UPLINK, "nodad")
        namespace.run("ip", "link", "set", UPLINK, "addrgenmode", "none", "up")

    def stop_forwarding(self):
        """Forwarding as it is on a fresh machine: off. Plugins turn it on, and nobody may turn it off again."""
        for family in ("ipv4", "ipv6"):
            self.host.set_sysctl(f"net/{family}/conf/all/forwarding", 0)

    def serve_peer_address(self):
        """On the second host, port 7000 (both families) tells every caller the address it came from."""
        for family, address in ((socket.AF_INET, LAN4), (socket.AF_INET6, LAN6)):
            listener = self.lan.socket(family, socket.SOCK_STREAM)
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind((address, LAN_PORT))
            listener.listen(64)
            threading.Thread(target=answer_peer_address, args=(listener,), daemon=True).start()


def answer_peer_address(listener):
    while True:
        connection, peer = listener.accept()
        try:
            with connection:
                # Unread data at close would make the kernel send a reset instead of the answer's end.
                connection.settimeout(2)
                connection.recv(4096)
                connection.sendall(f"lan {LAN_PORT} {peer[0]}\n".encode())
        except OSError:
            pass  # The caller notices.
