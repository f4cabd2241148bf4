"""Command line of the comparison of container runtimes."""

import argparse
import os
import subprocess
import sys

from . import engines, isolation
from .figures import Figure, as_markdown, as_text
from .launching import MANY, Neighbour, measure_many, measure_publishing, measure_true
from .main import conditions
from .namespaces import set_up
from .plan import progress
from .quietness import Watch

COLUMNS = ["berth", "crun", "podman"]


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="runtimes", description=__doc__)
    parser.add_argument("--berth", metavar="FILE", required=True, help="the executable; its plugins lie beside it")
    parser.add_argument("--reference", metavar="DIR", default="/usr/lib/cni", help="podman's plugins; default: %(default)s")
    parser.add_argument("--quick", action="store_true", help="fewer repetitions: shows that it works, not how fast")
    parser.add_argument("--markdown", action="store_true", help="print the table as in the README")
    return parser.parse_args()


def make_private() -> None:
    """As `isolation.make_private`, but /sys stays, with its cgroups: they are part of what is measured."""
    subprocess.run(["mount", "-t", "tmpfs", "bench", "/run"], check=True)
    os.makedirs("/run/netns")
    # crun, and so podman, refuses version 1 with an empty version 2 beside it.
    if os.path.ismount("/sys/fs/cgroup/unified"):
        subprocess.run(["umount", "/sys/fs/cgroup/unified"], check=True)
    os.makedirs("/var/lib/cni", exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "bench", "/var/lib/cni"], check=True)
    set_up("lo")


def main() -> int:
    options = arguments()
    executable = os.path.abspath(options.berth)
    if not os.access(executable, os.X_OK):
        sys.exit(f"runtimes: no program {executable}")
    if not isolation.is_inside():
        return isolation.run_inside(sys.argv)
    make_private()
    folder = isolation.scratch_folder()
    root = engines.make_root(folder)
    ours, other = engines.berth(executable, folder, root), engines.crun(folder, root)
    both = [engine for engine in (ours, engines.podman(folder, root, options.reference)) if engine]
    neighbour, figures, others, status = Neighbour(), [], {}, 0
    parts = {
        "true": lambda: measure_true(ours, other, 10 if options.quick else 60),
        "publishing": lambda: measure_publishing(both, neighbour, 3 if options.quick else 25),
        "many": lambda: measure_many(ours, neighbour, 20 if options.quick else MANY),
    }
    for name, measure in parts.items():
        watch = Watch()
        try:
            figures += measure()
        except engines.EngineFailed as failure:
            figures.append(Figure(name, {}, notes=[f"FAILED: {failure}"]))
            status = 1
        others[name] = watch.others()
    for engine in both:
        engine.run("rm", "-f", *engine.run("ps", "-aq").split() or ["none"])
    progress("")
    print(conditions(others, options.quick))
    print()
    print(as_markdown(figures, COLUMNS) if options.markdown else as_text(figures, COLUMNS))
    return status
