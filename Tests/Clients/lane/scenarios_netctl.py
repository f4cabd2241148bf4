"""What netctl, if it lies beside the plugins, says of podman's containers."""

import json
import os
import subprocess


def netctl(lane):
    """netctl ps, ports and map tell of a container what podman tells"""
    program = f"{lane.podman.plugins}/netctl"
    if not os.path.exists(program):
        return print(f"  # not checked: there is no {program}", flush=True)

    def ask(*words):
        return json.loads(subprocess.run([program, *words, "--json"], stdout=subprocess.PIPE, check=False).stdout)

    network = lane.network()
    web = lane.container("web", "--publish", "127.0.0.1:8080:80", network=network)
    found = [space for space in ask("ps")["namespaces"] if space["owner"]["name"] == "web"]
    lane.check("ps knows the container by its name", len(found) == 1 and found[0]["owner"]["kind"] == "podman", found)
    interface = found[0]["interfaces"][0]
    lane.check("with podman's ID and process", found[0]["owner"]["id"] == web.id and found[0]["pid"] == web.pid, found)
    lane.check("with its bridge and address",
               interface["bridge"] == network.bridge and interface["addresses"][0].startswith(f"{web.address4}/"), interface)
    ports = [(port["host_address"], port["host_ports"], port["container_port"]) for port in interface["ports"]]
    lane.check("with its published port", ports == [("127.0.0.1", [8080, 8080], 80)], ports)
    usages = [usage for usage in ask("ports")["ports"] if usage["port"] == "tcp 127.0.0.1:8080"]
    lane.check("ports takes conmon, which keeps the port, for no conflict",
               len(usages) == 2 and all(usage["conflict"] is None for usage in usages), usages)
    nodes = {node["name"]: node for node in ask("map")["nodes"]}
    lane.check("map hangs it on its bridge, and finds nothing wrong",
               nodes["web"]["parent"] == nodes[network.bridge]["id"] and not nodes["web"]["problems"], nodes)
