"""Runs the scenarios one after the other. Started by ../run inside fresh namespaces."""

import argparse
import os
import signal
import subprocess
import sys
import traceback

import scenarios_life
import scenarios_netctl
import scenarios_network
import scenarios_publish
from podman import Podman, PodmanError
from report import Report
from scenario import Scenario, WorldDamaged
from topology import Topology, mount_private_folders
from world import World

SCENARIOS = {function.__name__.replace("_", "-"): function for function in (
    scenarios_network.run,
    scenarios_publish.publish_all,
    scenarios_publish.publish_local,
    scenarios_publish.publish_address,
    scenarios_publish.publish_range,
    scenarios_publish.udp,
    scenarios_publish.dual_stack,
    scenarios_network.two_networks,
    scenarios_network.internal,
    scenarios_network.isolated,
    scenarios_network.fixed_address,
    scenarios_network.connect,
    scenarios_network.network_rm,
    scenarios_life.restart,
    scenarios_life.reload,
    scenarios_life.kill_container,
    scenarios_life.kill_conmon,
    scenarios_netctl.netctl,
)}


def main():
    parser = argparse.ArgumentParser(prog="Tests/Clients/run")
    parser.add_argument("--plugins")
    parser.add_argument("--only", action="append", choices=SCENARIOS, metavar="NAME")
    parser.add_argument("--keep", action="store_true")
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--outer-pid")
    options = parser.parse_args()
    if options.list:
        print("\n".join(f"{name:<16}  {function.__doc__}" for name, function in SCENARIOS.items()))
        return 0

    mount_private_folders()
    topology = Topology()
    try:
        podman = Podman(options.plugins)
    except PodmanError as error:
        print(f"run: {error}", file=sys.stderr)
        return 2
    print(f"# {podman.run('--version').strip()}, plugins in {options.plugins}", flush=True)
    report = Report()
    beginning = World(topology)
    names = options.only or list(SCENARIOS)
    traces = set()
    for name in names:
        try:
            scenario = play(name, topology, podman, report, options, name == names[-1])
        except WorldDamaged as error:
            report.check("what is left can be removed for the next scenario; giving up", False, error)
            return report.close()
        traces |= scenario.traces
    report.begin("the whole run", "compared with the world before the first scenario")
    for kind, lines in World(topology).difference(beginning, traces).items():
        report.check(f"leaves no {kind} behind", not lines, "\n".join(lines), left=kind)
    report.end()
    return report.close()


def play(name, topology, podman, report, options, last):
    """One scenario. An exception in it is a failed check, and it is taken down all the same."""
    function = SCENARIOS[name]
    report.begin(name, function.__doc__)
    failed = report.failed
    scenario = Scenario(name, topology, podman, report)
    try:
        function(scenario)
    except Exception as error:
        place = traceback.extract_tb(error.__traceback__)
        line = next(frame for frame in place if frame.name == function.__name__)
        report.check(f"runs to its end (stopped at {os.path.basename(line.filename)}:{line.lineno})", False, error)
    if options.keep and (last or report.failed > failed):
        keep(options.outer_pid)
    scenario.finish()
    report.end()
    return scenario


def keep(outer_pid):
    """Leaves everything as it is until the user has seen enough."""
    if sys.stdin.isatty():
        print("# everything is kept; this shell is in the host's namespaces, `exit` goes on", flush=True)
        subprocess.run(["bash", "--norc"], env=dict(os.environ, PS1="client-lane# "))
    else:
        print(f"# everything is kept. To look at it:  nsenter --all --target $(cat /proc/{outer_pid}/task/{outer_pid}"
              f"/children) bash\n# To end it:  kill -9 {outer_pid}", flush=True)
        while True:
            signal.pause()


if __name__ == "__main__":
    sys.exit(main())
