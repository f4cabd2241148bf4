"""What the kernel says about its nftables rules."""

import json
import socket
import struct
import subprocess

NETLINK_NETFILTER = 12
NFT_MSG_GETGEN = 0x0A10  # subsystem 10, message 16
NFTA_GEN_ID = 1


def nftables_generation() -> int:
    """The number of transactions committed in this network namespace, counted by the kernel."""
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_NETFILTER) as kernel:
        kernel.bind((0, 0))
        kernel.send(struct.pack("=IHHII", 20, NFT_MSG_GETGEN, 1, 1, 0) + struct.pack("=BBH", 0, 0, 0))
        answer = kernel.recv(4096)
    offset = 20
    while offset + 4 <= len(answer):
        size, kind = struct.unpack_from("=HH", answer, offset)
        if kind & 0x3FFF == NFTA_GEN_ID:
            return struct.unpack_from(">I", answer, offset + 4)[0]
        offset += (size + 3) & ~3
    raise RuntimeError("the kernel told no nftables generation")


def port_elements() -> int:
    """The number of elements in all maps of this network namespace that are looked up by a port."""
    text = subprocess.run(["nft", "-j", "list", "ruleset"], check=True, capture_output=True).stdout
    maps = [entry["map"] for entry in json.loads(text)["nftables"] if "map" in entry]
    return sum(len(found.get("elem", [])) for found in maps if "inet_service" in found["type"])
