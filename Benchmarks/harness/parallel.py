"""64 ADDs at once, then 64 DELs at once, of different containers."""

import os
import time
from dataclasses import dataclass, field

from .figures import Figure, Samples, at_most, fraction
from .plan import Plan, close_worlds, progress, rotated
from .processes import Outcome, PluginFailed, cpu_time, drain, patience
from .world import Attachment, World

CONTAINERS = 64


@dataclass
class Record:
    add: Samples = field(default_factory=Samples)
    delete: Samples = field(default_factory=Samples)
    failures: list[str] = field(default_factory=list)
    duplicates: int = 0
    leftovers: int = 0


def run_all(world: World, command: str, attachments: list[Attachment]) -> tuple[float, list[str]]:
    """Starts the first plugin of every attachment at once, and the next of each as soon as one has ended.

    Returns the seconds from the first start to the last end, and what the failed plugins said.
    """
    steps = world.order(command)
    failures = []
    running = {}
    with world.host, patience():
        start = time.monotonic()
        for attachment in attachments:
            process = world.start(command, steps[0], attachment)
            running[process.pid] = (process, attachment, 0)
        while running:
            pid, status, usage = os.wait4(-1, 0)
            if pid not in running:
                continue  # a child some plugin left behind
            process, attachment, place = running.pop(pid)
            outcome = Outcome(os.waitstatus_to_exitcode(status), process.read_output(), 0, cpu_time(usage))
            try:
                world.finish(command, steps[place], attachment, outcome)
            except PluginFailed as failure:
                failures.append(str(failure))
                if command == "ADD":
                    continue
            if place + 1 < len(steps):
                process = world.start(command, steps[place + 1], attachment)
                running[process.pid] = (process, attachment, place + 1)
        return time.monotonic() - start, failures


def one_round(world: World, record: Record) -> None:
    attachments = [world.new_attachment([{**world.free_port(), "hostPort": 20000 + number}])
                   for number in range(CONTAINERS)]
    wall, failures = run_all(world, "ADD", attachments)
    record.add.add(wall)
    record.failures += failures
    attached = [attachment for attachment in attachments if attachment.result]
    addresses = [attachment.address() for attachment in attached]
    record.duplicates += len(addresses) - len(set(addresses))
    drain()
    wall, failures = run_all(world, "DEL", attached)
    record.delete.add(wall)
    record.failures += failures
    record.leftovers += sum(1 for attachment in attached if world.links_left(attachment))
    drain()


def measure(plan: Plan) -> list[Figure]:
    worlds = [plan.world(contender) for contender in plan.contenders()]
    for world in worlds:
        world.run("DEL", world.attach())
        drain()
    records = {world.contender.name: Record() for world in worlds}
    rounds = plan.repeats(5, 1)
    for turn in range(rounds):
        for world in rotated(worlds, turn):
            progress(f"{CONTAINERS} in parallel, round {turn + 1}/{rounds}: {world.contender.name}")
            one_round(world, records[world.contender.name])
    close_worlds(worlds)
    return describe(plan, records)


def describe(plan: Plan, records: dict[str, Record]) -> list[Figure]:
    add = Figure(f"{CONTAINERS} ADDs at once", {maker: str(record.add) for maker, record in records.items()})
    delete = Figure(f"{CONTAINERS} DELs at once", {maker: str(record.delete) for maker, record in records.items()})
    for maker, record in records.items():
        if record.failures or record.duplicates or record.leftovers:
            add.notes.append(f"{maker}: {len(record.failures)} failures, {record.duplicates} duplicate addresses, "
                             f"{record.leftovers} interfaces left")
            add.notes += record.failures[:2]
    if plan.ours:
        ours = records[plan.ours.name]
        add.claims.append(at_most(f"{len(ours.failures)} failures", len(ours.failures), 0, "0"))
        add.claims.append(at_most(f"{ours.duplicates} duplicate addresses", ours.duplicates, 0, "0"))
        if plan.reference:
            other = records[plan.reference.name]
            add.claims.append(fraction(ours.add.median(), other.add.median(), "reference", 8))
            delete.claims.append(fraction(ours.delete.median(), other.delete.median(), "reference", 8))
    return [add, delete]
