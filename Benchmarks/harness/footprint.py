"""The plugins' size on disk, and the peak resident memory of an ADD."""

import os
import shutil
import subprocess
import tempfile
from dataclasses import replace

from .contender import Contender, configuration
from .figures import Figure, at_most
from .plan import Plan, close_worlds, progress
from .processes import Running, drain
from .world import World

MEGABYTE = 1_000_000
NO_PLUGINS = ("berth", "netctl")  # what `make build` puts beside the plugins


def stripped_size(folder: str, scratch: str) -> tuple[int, int]:
    """Bytes of all plugins when stripped, hard links counted once, and the number of names."""
    total, names, seen = 0, 0, set()
    for entry in os.scandir(folder):
        status = entry.stat()
        if not entry.is_file() or not status.st_mode & 0o111 or entry.name in NO_PLUGINS:
            continue
        names += 1
        if (status.st_dev, status.st_ino) in seen:
            continue
        seen.add((status.st_dev, status.st_ino))
        with tempfile.TemporaryDirectory(dir=scratch) as copies:
            copy = shutil.copy(entry.path, copies)
            subprocess.run(["strip", copy], check=False, stderr=subprocess.DEVNULL)  # scripts are not stripped
            total += os.path.getsize(copy)
    return total, names


def peak_memory(world: World, launcher: str) -> int:
    """Bytes of the largest process of an ADD, those it started included."""
    attachment = world.new_attachment([world.free_port()])
    peak = 0
    for step, (program, part) in enumerate(world.contender.steps):
        report, written = os.pipe()
        text = configuration(part, world.name, world.leases, attachment.ports, attachment.result)
        with world.host:
            process = Running(launcher, [launcher, world.contender.program(program)],
                              world.environment("ADD", attachment), text, written)
            os.close(written)
            world.finish("ADD", step, attachment, process.finish())
        peak = max(peak, int(os.read(report, 64)) * 1024)
        os.close(report)
    world.run("DEL", attachment)
    drain()
    return peak


def sizes(plan: Plan) -> Figure:
    figure = Figure("all plugins on disk, stripped", {})
    for contender in (plan.ours, plan.reference):
        if contender:
            size, names = stripped_size(contender.folder, plan.scratch)
            figure.cells[contender.name] = f"{size / MEGABYTE:.1f} MB ({names} names)"
            if contender is plan.ours:
                figure.claims.append(at_most(f"{size / MEGABYTE:.1f} MB", size, 12 * MEGABYTE, "12 MB"))
    return figure


def installed(plan: Plan, contender: Contender) -> Contender:
    """As an installation copies it: the linker's own file may lie in the page cache as huge pages, which count whole once one byte is used."""
    folder = os.path.join(plan.scratch, contender.name.replace(" ", "-"))
    subprocess.run(["cp", "--archive", contender.folder, folder], check=True)
    return replace(contender, folder=folder)


def memory(plan: Plan) -> Figure:
    figure = Figure("peak resident memory of an ADD", {})
    worlds = [plan.world(installed(plan, contender)) for contender in plan.contenders()]
    launcher = os.path.join(plan.programs, "memory")
    for world in worlds:
        progress(f"peak memory: {world.contender.name}")
        peak = max(peak_memory(world, launcher) for _ in range(3))
        figure.cells[world.contender.name] = f"{peak / MEGABYTE:.1f} MB"
        if plan.ours and world.contender.name == plan.ours.name:
            figure.claims.append(at_most(f"{peak / MEGABYTE:.1f} MB", peak, 8 * MEGABYTE, "8 MB"))
    close_worlds(worlds)
    return figure


def measure(plan: Plan) -> list[Figure]:
    return [sizes(plan), memory(plan)]
