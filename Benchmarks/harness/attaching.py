"""ADD and DEL of bridge + host-local + portmap with 1 and with 200 attached containers: wall and CPU time."""

import time
from dataclasses import dataclass, field

from .contender import Contender
from .figures import Figure, Samples, at_most, duration, fraction, times
from .plan import Plan, close_worlds, progress, rotated
from .processes import drain
from .world import World

DELETE_LIMIT = 0.005  # seconds


@dataclass
class Record:
    """What the rounds of one contender gave. `settled`: from the start of DEL until the last child ended."""

    add: Samples = field(default_factory=Samples)
    add_cpu: Samples = field(default_factory=Samples)
    delete: Samples = field(default_factory=Samples)
    delete_cpu: Samples = field(default_factory=Samples)
    settled: Samples = field(default_factory=Samples)
    leftovers: int = 0


def one_round(world: World, record: Record) -> None:
    attachment = world.new_attachment([world.free_port()])
    cost = world.run("ADD", attachment)
    record.add.add(cost.wall)
    record.add_cpu.add(cost.cpu + drain())

    start = time.monotonic()
    cost = world.run("DEL", attachment)
    record.leftovers += bool(world.links_left(attachment))
    orphans = drain()
    record.settled.add(time.monotonic() - start)
    record.delete.add(cost.wall)
    record.delete_cpu.add(cost.cpu + orphans)


def measure_with(plan: Plan, contenders: list[Contender], attached: int, rounds: int) -> dict[str, Record]:
    """Rounds with `attached` containers on each network, the measured one included."""
    worlds = [plan.world(contender) for contender in contenders]
    for world in worlds:
        for number in range(1, attached):
            progress(f"{world.contender.name}: attaching {number}/{attached - 1}")
            world.attach()
    for world in worlds:
        progress(f"{world.contender.name}: waiting until {attached} containers are quiet")
        world.wait_until_quiet()
        for _ in range(3):
            one_round(world, Record())
    records = {contender.name: Record() for contender in contenders}
    for turn in range(rounds):
        progress(f"ADD and DEL at {attached}: {turn}/{rounds}")
        for world in rotated(worlds, turn):
            one_round(world, records[world.contender.name])
    close_worlds(worlds)
    return records


def describe(plan: Plan, records: dict[str, Record], attached: int) -> list[Figure]:
    place = f"at {attached} container{'s' if attached > 1 else ''}"
    figures = []

    def line(name: str, field_name: str) -> Figure:
        cells = {maker: str(getattr(record, field_name)) for maker, record in records.items()}
        figure = Figure(f"{name}, {place}", cells)
        figures.append(figure)
        return figure

    def medians(field_name: str) -> dict[str, float]:
        return {maker: getattr(record, field_name).median() for maker, record in records.items()}

    add, add_cpu = line("ADD", "add"), line("CPU time of an ADD", "add_cpu")
    delete, delete_cpu = line("DEL, interface gone", "delete"), line("CPU time of a DEL", "delete_cpu")
    if plan.floor_in_one_process:
        single = records[plan.floor_in_one_process.name]
        add.notes.append(f"C floor in one process: {single.add}")
        delete.notes.append(f"C floor in one process: {single.delete}")
    settled = [f"{maker} {duration(value)}" for maker, value in medians("settled").items() if "process" not in maker]
    delete.notes.append("until the last child has ended: " + ", ".join(settled))
    for maker, record in records.items():
        if record.leftovers and maker != "swift-cni":
            delete.notes.append(f"{maker}: interface still there in {record.leftovers} of {len(record.add.values)}")
    if plan.ours:
        ours = records[plan.ours.name]
        if plan.floor:
            add.claims.append(times(ours.add.median(), medians("add")["C floor"], "C floor", 1.5))
        if plan.reference:
            parts = 12 if attached == 1 else 20
            add.claims.append(fraction(ours.add.median(), medians("add")["reference"], "reference", parts))
            add_cpu.claims.append(fraction(ours.add_cpu.median(), medians("add_cpu")["reference"], "reference", 15))
        value = ours.delete.median()
        delete.claims.append(at_most(duration(value), value, DELETE_LIMIT, duration(DELETE_LIMIT)))
        if plan.reference:
            delete.claims.append(fraction(value, medians("delete")["reference"], "reference", 25))
        left = f"interface still there in {ours.leftovers} of {len(ours.add.values)}"
        delete.claims.append(at_most(left, ours.leftovers, 0, "0"))
    return figures


def measure(plan: Plan) -> list[Figure]:
    contenders = plan.contenders() + ([plan.floor_in_one_process] if plan.floor_in_one_process else [])
    figures = []
    for attached, rounds in ((1, plan.repeats(40, 8)), (plan.repeats(200, 20), plan.repeats(25, 5))):
        figures += describe(plan, measure_with(plan, contenders, attached, rounds), attached)
    return figures
