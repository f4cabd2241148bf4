"""A network namespace, entered for the moment it takes to open a socket or to start a program."""

import ctypes
import os
import socket
import subprocess

CLONE_NEWNET = 0x40000000
libc = ctypes.CDLL(None, use_errno=True)


def enter(descriptor):
    """Moves the calling thread into the network namespace behind an open file (setns(2))."""
    if libc.setns(descriptor, CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), "setns")


class Namespace:
    """A place from which the lane opens connections: the host, the second host, or a container."""

    def __init__(self, name, path):
        self.name = name
        self.path = path

    def __str__(self):
        return self.name

    def socket(self, family, kind):
        """A socket that lives in this namespace for good, although the caller stays where it is."""
        own = os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
        try:
            target = os.open(self.path, os.O_RDONLY | os.O_CLOEXEC)
            try:
                enter(target)
            finally:
                os.close(target)
            try:
                return socket.socket(family, kind)
            finally:
                enter(own)
        finally:
            os.close(own)

    def run(self, *command, check=True):
        """The standard output of a program that runs in this namespace."""
        result = subprocess.run(
            ["nsenter", f"--net={self.path}", *command],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        if check and result.returncode != 0:
            raise RuntimeError(f"{' '.join(command)} in {self.name}: {result.stderr.strip()}")
        return result.stdout

    def set_sysctl(self, key, value):
        """Writes one net.* sysctl of this namespace; `key` in slashes, e.g. net/ipv4/ip_forward."""
        self.run("sh", "-c", f"echo {value} > /proc/sys/{key}")
