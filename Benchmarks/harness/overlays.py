"""Hosts in namespaces that overlayd joins, and the same network made by hand."""

import ctypes
import json
import os
import random
import socket
import subprocess
import time


def run(line, **further):
    return subprocess.run(line.split(), check=True, capture_output=True, text=True, **further).stdout


def inside(namespace):
    """Moves this process into a network namespace."""
    descriptor = os.open(f"/run/netns/{namespace}", os.O_RDONLY)
    if ctypes.CDLL(None, use_errno=True).setns(descriptor, 0x40000000) != 0:
        raise OSError(ctypes.get_errno(), "setns")
    os.close(descriptor)


def in_namespace(namespace, body):
    """Runs body in a child process in a namespace, and answers what it returns."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        status = 1
        try:
            inside(namespace)
            os.write(write, json.dumps(body()).encode())
            status = 0
        finally:
            os._exit(status)
    os.close(write)
    with os.fdopen(read) as file:
        text = file.read()
    if os.waitpid(child, 0)[1] != 0:
        raise RuntimeError(f"measurement in {namespace} failed")
    return json.loads(text)


class Lab:
    """Two hosts at one switch, overlayd on both, and on each a container of the overlay and one of the network made by hand."""

    def __init__(self, plugins, backend, with_etcd=False):
        self.plugins, self.daemons, self.backend = plugins, {}, backend
        self.folder = f"/run/lab{random.getrandbits(32):08x}"
        os.makedirs(f"{self.folder}/shared")
        self.store, self.etcd = f"directory:{self.folder}/shared", None
        run("ip link add switch type bridge")
        run("ip link set switch up")
        config = {"Network": "10.244.0.0/16", "IPv6Network": "fd00:244::/48", "Backend": backend}
        if with_etcd:
            self.start_etcd()
            self.etcdctl("put", "/coreos.com/network/config", json.dumps(config | {"EnableIPv6": True}))
        else:
            with open(f"{self.folder}/shared/config.json", "w") as file:
                json.dump(config, file)
        for number in (1, 2):
            self.add_host(number)
        for number in (1, 2):
            self.wait(number, 1)
            self.attach(number)
        self.make_by_hand()

    def add_host(self, number):
        name = f"h{number}"
        run(f"ip netns add {name}")
        run(f"ip link add port{number} type veth peer name lan0 netns {name}")
        run(f"ip link set port{number} master switch up")
        for line in (
            "link set lo up", f"addr add 192.0.2.{number}/24 dev lan0", f"addr add fd00:2::{number}/64 dev lan0 nodad", "link set lan0 up",
        ):
            run(f"ip -n {name} {line}")
        self.start(number)

    def start(self, number):
        with open(f"{self.folder}/log{number}", "a") as log:
            self.daemons[number] = subprocess.Popen(
                ["ip", "netns", "exec", f"h{number}", f"{self.plugins}/overlayd", "--network", "lab", "--store", self.store,
                 "--interface", "lan0", "--state-folder", f"{self.folder}/state{number}", "--data-folder", f"{self.folder}/data{number}",
                 "--listen", f"{self.folder}/http{number}"], stderr=log)

    def stop(self, number):
        self.daemons[number].terminate()
        self.daemons[number].wait()

    def start_etcd(self):
        """Debian's etcd at the switch."""
        run("ip addr add 192.0.2.254/24 dev switch")
        url = "http://192.0.2.254:2379"
        self.store = f"etcd:{url}"
        with open(f"{self.folder}/etcd.log", "w") as log:
            self.etcd = subprocess.Popen(
                ["etcd", "--data-dir", f"{self.folder}/etcd", "--listen-client-urls", url, "--advertise-client-urls", url,
                 "--listen-peer-urls", "http://127.0.0.1:2380"], stdout=log, stderr=log)

    def etcdctl(self, *words):
        return subprocess.run(["etcdctl", "--endpoints", self.store.removeprefix("etcd:"), "--dial-timeout", "60s", "--command-timeout", "60s", *words],
                              check=True, capture_output=True, text=True, env=os.environ | {"ETCDCTL_API": "3"}).stdout

    def metric(self, number, name):
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(f"{self.folder}/http{number}")
            connection.sendall(b"GET /metrics HTTP/1.1\r\n\r\n")
            text = b"".join(iter(lambda: connection.recv(65536), b"")).decode()
        return float(next(line for line in text.splitlines() if line.startswith(f"overlayd_{name}{{")).split()[-1])

    def wait(self, number, peers):
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline:
            try:
                if self.metric(number, "ready") == 1 and self.metric(number, "peers") == peers:
                    return
            except (OSError, StopIteration):
                pass
            time.sleep(0.005)
        raise RuntimeError(open(f"{self.folder}/log{number}").read())

    def call(self, number, command, plugin, container, name):
        configuration = {
            "overlay": {"type": "overlay", "name": "lab", "stateFolder": f"{self.folder}/state{number}",
                        "ipam": {"type": "host-local", "dataDir": f"{self.folder}/cni{number}"}},
            "bridge": {"type": "bridge", "name": "plain", "bridge": "plain0", "isDefaultGateway": True, "ipMasq": True, "hairpinMode": True,
                       "ipam": {"type": "host-local", "dataDir": f"{self.folder}/cni{number}",
                                "ranges": [[{"subnet": "10.7.0.0/24"}], [{"subnet": "fd00:7::/64"}]]}},
        }[plugin] | {"cniVersion": "1.1.0"}
        environment = {"CNI_COMMAND": command, "CNI_CONTAINERID": name, "CNI_NETNS": f"/run/netns/{container}", "CNI_IFNAME": "eth0",
                       "CNI_PATH": self.plugins, "PATH": os.environ["PATH"]}
        return in_namespace(f"h{number}", lambda: self.timed(plugin, configuration, environment))

    def timed(self, plugin, configuration, environment):
        started = time.monotonic()
        outcome = subprocess.run([f"{self.plugins}/{plugin}"], input=json.dumps(configuration), env=environment, capture_output=True, text=True)
        spent = time.monotonic() - started
        if outcome.returncode != 0:
            raise RuntimeError(outcome.stdout + outcome.stderr)
        return [spent, json.loads(outcome.stdout) if outcome.stdout else None]

    def attach(self, number):
        run(f"ip netns add c{number}")
        run(f"ip -n c{number} link set lo up")
        result = self.call(number, "ADD", "overlay", f"c{number}", f"c{number}")[1]
        self.__dict__.setdefault("overlay", {})[number] = [entry["address"].split("/")[0] for entry in result["ips"]]

    def make_by_hand(self):
        """The same as overlayd and the plugin make, with other numbers, by ip(8)."""
        tunnel = self.backend["Type"] == "vxlan"
        mtu = 1450 if tunnel else 1500
        self.by_hand = {1: ["10.9.1.2", "fd00:9:1::2"], 2: ["10.9.2.2", "fd00:9:2::2"]}
        for number, other in ((1, 2), (2, 1)):
            host = f"ip -n h{number}"
            run(f"ip netns add m{number}")
            lines = [
                f"{host} link add hand0 address 02:00:00:00:0{number}:01 type bridge",
                f"{host} link set hand0 up",
                f"{host} addr add 10.9.{number}.1/24 dev hand0",
                f"{host} addr add fd00:9:{number}::1/64 dev hand0 nodad",
                f"{host} link add mveth mtu {mtu} numtxqueues 1 numrxqueues 1 type veth peer name eth0 mtu {mtu} numtxqueues 1 numrxqueues 1 netns m{number}",
                f"{host} link set mveth master hand0 up",
                f"ip -n m{number} link set eth0 up",
                f"ip -n m{number} addr add 10.9.{number}.2/24 dev eth0",
                f"ip -n m{number} addr add fd00:9:{number}::2/64 dev eth0 nodad",
                f"ip -n m{number} route add default via 10.9.{number}.1",
                f"ip -n m{number} route add default via fd00:9:{number}::1",
            ]
            if tunnel:
                lines += [
                    f"{host} link add hand.1 address 02:00:00:00:00:0{number} mtu 1450 type vxlan id 99 local 192.0.2.{number} dstport 8473 nolearning",
                    f"{host} link set hand.1 up",
                    f"{host} addr add 10.9.{number}.0/32 dev hand.1",
                    f"{host} neigh add 10.9.{other}.0 lladdr 02:00:00:00:00:0{other} dev hand.1 nud permanent",
                    f"{host} neigh add fd00:9:{other}:: lladdr 02:00:00:00:00:0{other} dev hand.1 nud permanent",
                    f"bridge -n h{number} fdb add 02:00:00:00:00:0{other} dev hand.1 dst 192.0.2.{other}",
                    f"{host} route add 10.9.{other}.0/24 via 10.9.{other}.0 dev hand.1 onlink",
                    f"{host} route add fd00:9:{other}::/64 via fd00:9:{other}:: dev hand.1 onlink",
                ]
            else:
                lines += [f"{host} route add 10.9.{other}.0/24 via 192.0.2.{other}", f"{host} route add fd00:9:{other}::/64 via fd00:2::{other}"]
            for line in lines:
                run(line)

    def close(self):
        for number in self.daemons:
            self.stop(number)
        if self.etcd:
            self.etcd.terminate()
            self.etcd.wait()
        for number in (1, 2):
            run(f"ip link del port{number}")
        for name in json.loads(run("ip -j netns")):
            run(f"ip netns del {name['name']}")
        run("ip link del switch")


class WideLab(Lab):
    """One host in a network of /8 with /20 for each host, so that thousands have room."""

    def __init__(self, plugins):
        self.plugins, self.daemons, self.backend = plugins, {}, {"Type": "vxlan"}
        self.folder = f"/run/lab{random.getrandbits(32):08x}"
        self.store, self.etcd = f"directory:{self.folder}/shared", None
        os.makedirs(f"{self.folder}/shared")
        with open(f"{self.folder}/shared/config.json", "w") as file:
            json.dump({"Network": "10.0.0.0/8", "SubnetLen": 20, "IPv6Network": "fd00:244::/48", "Backend": self.backend}, file)
        run("ip link add switch type bridge")
        run("ip link set switch up")
        self.add_host(1)
        self.add_host(2)
        for number in (1, 2):
            self.wait(number, 1)

    def free_numbers(self):
        taken = [name.split("-")[0] for name in os.listdir(f"{self.folder}/shared") if name.startswith("10.")]
        return [number for number in range(1, 4095) if f"10.{number >> 4}.{(number & 15) << 4}.0" not in taken]

    def join(self, number):
        subnet = f"10.{number >> 4}.{(number & 15) << 4}.0"
        lease = {"subnet": f"{subnet}/20", "ipv6Subnet": f"fd00:244:0:{number + 0x8000:x}::/64", "publicAddress": f"198.18.{number >> 8}.{number & 255}",
                 "datapath": "vxlan", "vni": 1, "mac": f"02:00:00:00:{number >> 8:02x}:{number & 255:02x}", "node": f"n{number}",
                 "instance": f"i{number}", "since": 1, "expires": int(time.time()) + 86400}
        path = f"{self.folder}/shared/{subnet}-20.json"
        with open(f"{path}.new", "w") as file:
            json.dump(lease, file)
        os.rename(f"{path}.new", path)
