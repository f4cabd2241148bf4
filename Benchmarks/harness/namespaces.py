"""Network namespaces, entered by this process itself: it has one thread."""

import ctypes
import fcntl
import os
import socket
import struct
import subprocess

CLONE_NEWNET = 0x40000000
MS_BIND = 0x1000
MNT_DETACH = 2
SIOCGIFFLAGS, SIOCSIFFLAGS, IFF_UP = 0x8913, 0x8914, 1
RTMGRP_LINK = 1

libc = ctypes.CDLL(None, use_errno=True)


def checked(result: int, what: str) -> None:
    if result != 0:
        error = ctypes.get_errno()
        raise OSError(error, f"{what}: {os.strerror(error)}")


def set_up(interface: str) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        request = struct.pack("16sH14x", interface.encode(), 0)
        flags = struct.unpack_from("16xH", fcntl.ioctl(control, SIOCGIFFLAGS, request))[0]
        fcntl.ioctl(control, SIOCSIFFLAGS, struct.pack("16sH14x", interface.encode(), flags | IFF_UP))


class NetworkNamespace:
    """A named network namespace (a file below /run/netns); `with` enters it and comes back."""

    def __init__(self, name: str):
        self.path = f"/run/netns/{name}"
        home = os.open("/proc/self/ns/net", os.O_RDONLY)
        try:
            checked(libc.unshare(CLONE_NEWNET), "unshare")
            try:
                set_up("lo")
                os.close(os.open(self.path, os.O_CREAT | os.O_EXCL | os.O_RDONLY))
                checked(libc.mount(b"/proc/self/ns/net", self.path.encode(), None, MS_BIND, None), "bind namespace")
            finally:
                checked(libc.setns(home, CLONE_NEWNET), "setns")
        finally:
            os.close(home)
        self.descriptor = os.open(self.path, os.O_RDONLY)
        self.homes: list[int] = []

    def __enter__(self) -> "NetworkNamespace":
        self.homes.append(os.open("/proc/self/ns/net", os.O_RDONLY))
        checked(libc.setns(self.descriptor, CLONE_NEWNET), "setns")
        return self

    def __exit__(self, *_: object) -> None:
        home = self.homes.pop()
        checked(libc.setns(home, CLONE_NEWNET), "setns")
        os.close(home)

    def has_link(self, name: str) -> bool:
        with self:
            try:
                socket.if_nametoindex(name)
                return True
            except OSError:
                return False

    def close(self) -> None:
        os.close(self.descriptor)
        checked(libc.umount2(self.path.encode(), MNT_DETACH), "unmount namespace")
        os.unlink(self.path)


def wait_until_namespaces_are_freed() -> None:
    """Waits for the kernel's clean-up of closed namespaces, which would disturb the next measurement.

    The kernel cleans up batch after batch. A namespace with one end of a veth pair whose other end is here is a
    tombstone: that end goes when its batch's turn comes. When the second tombstone is gone, the batch of the
    first, and all before it, are done.
    """
    for _ in range(2):
        tombstone = NetworkNamespace("tombstone")
        subprocess.run(["ip", "link", "add", "tombstone", "type", "veth", "peer", "name", "peer",
                        "netns", "tombstone"], check=True)
        with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE) as events:
            events.bind((0, RTMGRP_LINK))
            tombstone.close()
            while any(name == "tombstone" for _, name in socket.if_nameindex()):
                events.recv(65536)
