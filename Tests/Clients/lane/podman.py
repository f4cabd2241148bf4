"""podman with its CNI backend: its configuration, an image, networks and containers."""

import io
import json
import os
import subprocess
import tarfile

from namespace import Namespace
from reach import ask_tcp, ask_udp, wait_until

IMAGE = "localhost/lane"

CONTAINERS_CONF = """\
[containers]
cgroups = "disabled"
log_driver = "k8s-file"
[engine]
cgroup_manager = "cgroupfs"
events_logger = "file"
runtime = "crun"
[network]
network_backend = "cni"
cni_plugin_dirs = ["{plugins}"]
network_config_dir = "/etc/cni/net.d"
"""
STORAGE_CONF = """\
[storage]
driver = "overlay"
runroot = "/run/containers/storage"
graphroot = "/var/lib/containers/storage"
"""
POLICY = '{"default": [{"type": "insecureAcceptAnything"}]}\n'

# The page says which container answered, on which of its ports, and whom it saw as its client.
WHO = """\
#!/bin/sh
printf 'Content-Type: text/plain\\r\\n\\r\\n%s %s %s\\n' "$NAME" "$PORT" "$REMOTE_ADDR"
"""
SERVE = 'for PORT in $PORTS; do export PORT; httpd -p "$PORT" -h /www; done; exec sleep 2147483647'
# busybox has no UDP server; the machine's python3 is mounted into containers that need one.
SERVE_UDP = """\
import os, socket
channel = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
port = int(os.environ["PORTS"])
channel.bind(("::", port))
while True:
    _, peer = channel.recvfrom(2048)
    channel.sendto(f"{os.environ['NAME']} {port} {peer[0]}".encode(), peer)
"""


class PodmanError(RuntimeError):
    pass


def image_archive():
    """A root file system: busybox, one CGI page, and the folders podman and a mounted /usr expect."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        def add(name, kind=tarfile.DIRTYPE, data=b"", target=""):
            entry = tarfile.TarInfo(name)
            entry.type, entry.mode, entry.size, entry.linkname = kind, 0o755, len(data), target
            archive.addfile(entry, io.BytesIO(data))
        for folder in ("bin", "dev", "etc", "proc", "sys", "tmp", "usr", "www", "www/cgi-bin"):
            add(folder)
        with open("/bin/busybox", "rb") as file:
            add("bin/busybox", tarfile.REGTYPE, file.read())
        for applet in ("sh", "httpd", "printf", "sleep"):
            add(f"bin/{applet}", tarfile.SYMTYPE, target="busybox")
        for folder in ("lib", "lib64"):
            add(folder, tarfile.SYMTYPE, target=f"usr/{folder}")
        add("www/cgi-bin/who", tarfile.REGTYPE, WHO.encode())
    return buffer.getvalue()


class Podman:
    """The podman command, bound to the private folders and to one plugin folder."""

    def __init__(self, plugins):
        self.plugins = plugins
        for path, text in (("containers.conf", CONTAINERS_CONF.format(plugins=plugins)),
                           ("storage.conf", STORAGE_CONF), ("policy.json", POLICY)):
            with open(f"/etc/containers/{path}", "w") as file:
                file.write(text)
        # With these set, podman reads neither /usr/share/containers nor anything in a home folder.
        self.environment = dict(
            os.environ, HOME="/run/client-lane", TMPDIR="/run/client-lane/tmp",
            CONTAINERS_CONF="/etc/containers/containers.conf",
            CONTAINERS_STORAGE_CONF="/etc/containers/storage.conf")
        self.run("import", "-", IMAGE, input=image_archive())
        backend = self.run("info", "--format", "{{.Host.NetworkBackend}}").strip()
        if backend != "cni":
            raise PodmanError(f"this podman has no CNI backend (it uses {backend})")

    def run(self, *arguments, input=None):
        """Standard output of one podman command. PodmanError with its last words when it fails."""
        result = subprocess.run(
            ["podman", *arguments], input=input, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            env=self.environment, timeout=60)
        if result.returncode != 0:
            words = result.stderr.decode(errors="replace").strip()
            raise PodmanError(f"podman {' '.join(arguments)}: {words}")
        return result.stdout.decode()

    def inspect(self, *arguments):
        return json.loads(self.run(*arguments))[0]


class Network:
    """A podman network and what its traces could look like."""

    def __init__(self, podman, name, *options):
        self.podman = podman
        self.name = name
        podman.run("network", "create", *options, name)
        self.read()

    def read(self):
        found = self.podman.inspect("network", "inspect", self.name)
        self.bridge = found["network_interface"]
        self.subnets = [entry["subnet"] for entry in found["subnets"]]
        self.gateways = [entry.get("gateway", "") for entry in found["subnets"]]

    @classmethod
    def default(cls, podman):
        """podman's built-in network, for which no `network create` is needed."""
        network = cls.__new__(cls)
        network.podman, network.name = podman, "podman"
        network.read()
        return network

    def remove(self, *options):
        self.podman.run("network", "rm", *options, self.name)


class Container(Namespace):
    """A running container: a place to ask from, and a server that tells its name."""

    def __init__(self, podman, name, *options, ports="80", protocol="tcp"):
        self.podman = podman
        self.ports, self.protocol = ports, protocol
        command = ["sh", "-c", SERVE]
        if protocol == "udp":
            options += ("--volume", "/usr:/usr:ro")
            command = ["/usr/bin/python3", "-c", SERVE_UDP]
        self.id = podman.run(
            "run", "--detach", "--name", name, "--env", f"NAME={name}", "--env", f"PORTS={ports}",
            *options, IMAGE, *command).strip()
        super().__init__(name, "")
        self.refresh()

    def refresh(self):
        """Reads what changes with every start, and waits until the servers inside have come up."""
        found = self.podman.inspect("inspect", self.id)
        self.pid = found["State"]["Pid"]
        self.monitor_pid = found["State"]["ConmonPid"]
        self.path = f"/proc/{self.pid}/ns/net"
        self.networks = found["NetworkSettings"]["Networks"]
        ask = ask_udp if self.protocol == "udp" else ask_tcp
        for port in self.ports.split():
            wait_until(f"{self.name} serves port {port}",
                       lambda: not ask(self, "127.0.0.1", int(port), timeout=0.2).failure)

    @property
    def first_network(self):
        return next(iter(self.networks.values()))

    @property
    def address4(self):
        return self.first_network["IPAddress"]

    @property
    def address6(self):
        return self.first_network["GlobalIPv6Address"]

    def remove(self):
        self.podman.run("rm", "--force", "--time", "0", self.id)

    def restart(self):
        self.podman.run("restart", "--time", "0", self.id)
        self.refresh()
