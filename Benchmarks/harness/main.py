"""Command line of the harness."""

import argparse
import gc
import os
import platform
import signal
import sys

from . import attaching, footprint, isolation, parallel, ports, startup
from .contender import Contender, floor, floor_in_one_process, reference, swift_cni
from .figures import Figure, as_markdown, as_text
from .plan import Plan, progress
from .processes import PluginFailed
from .quietness import Watch

HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
QUIET = 0.15  # part of the processors
TABLES = {
    "start-up": startup.measure,
    "attach": attaching.measure,
    "ports": ports.measure_published,
    "ranges": ports.measure_ranges,
    "parallel": parallel.measure,
    "footprint": footprint.measure,
}


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("--plugins", metavar="DIR", help="our plugins, by their own names (bridge, host-local, …)")
    parser.add_argument("--reference", metavar="DIR", default="/usr/lib/cni", help="default: %(default)s")
    parser.add_argument("--floor", metavar="DIR", default=f"{HERE}/build", help="the C programs; default: %(default)s")
    parser.add_argument("--only", metavar="NAME", action="append", choices=TABLES,
                        help=f"only this part ({', '.join(TABLES)}); may be given again")
    parser.add_argument("--without-reference", action="store_true", help="leave the slow reference out")
    parser.add_argument("--quick", action="store_true", help="fewer repetitions: shows that it works, not how fast")
    parser.add_argument("--markdown", action="store_true", help="print the table as in the README")
    return parser.parse_args()


def existing(contender: Contender) -> Contender | None:
    return contender if os.access(contender.program(contender.steps[0][0]), os.X_OK) else None


def plan(options: argparse.Namespace) -> Plan:
    ruleset = f"{HERE}/floor/floor.nft"
    ours = swift_cni(os.path.abspath(options.plugins)) if options.plugins else None
    if ours and not existing(ours):
        sys.exit(f"bench: no plugin `bridge` in {options.plugins}")
    if not os.access(f"{options.floor}/empty", os.X_OK):
        sys.exit(f"bench: no C programs in {options.floor}; run `make -C {HERE}`")
    programs = os.path.abspath(options.floor)
    other = None if options.without_reference else existing(reference(os.path.abspath(options.reference)))
    return Plan(ours, other, existing(floor(programs, ruleset)), existing(floor_in_one_process(programs, ruleset)),
                programs, isolation.scratch_folder() if isolation.is_inside() else "", options.quick)


def conditions(others: dict[str, float], quick: bool) -> str:
    """What the figures were made on. Other work on the machine makes them worthless, so it is told."""
    with open("/proc/cpuinfo") as information:
        model = next((line.split(":")[1].strip() for line in information if line.startswith("model name")), "unknown")
    text = f"Linux {platform.release()}, {os.cpu_count()} × {model}"
    noisy = ", ".join(f"{name} {part:.0%}" for name, part in others.items() if part > QUIET)
    if noisy:
        text += f"; NOT A QUIET MACHINE: other work used of the processors during {noisy}"
    return text + ("; quick run" if quick else "")


def main() -> int:
    options = arguments()
    chosen = plan(options)
    if not isolation.is_inside():
        return isolation.run_inside(sys.argv)
    isolation.make_private()
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # Python ignores it, and the plugins would inherit that
    gc.disable()
    figures, others, status = [], {}, 0
    for name in options.only or TABLES:
        watch = Watch()
        try:
            figures += TABLES[name](chosen)
        except PluginFailed as failure:
            figures.append(Figure(name, {}, notes=[f"FAILED: {failure}"]))
            status = 1
        others[name] = watch.others()
    progress("")
    print(conditions(others, options.quick))
    print()
    print(as_markdown(figures) if options.markdown else as_text(figures))
    return status
