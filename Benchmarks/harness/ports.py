"""What publishing costs when many ports are published already, and what 10 000 ports cost at once."""

import os
from dataclasses import dataclass, field

from .contender import Contender, published
from .figures import Claim, Figure, Samples, at_most, duration
from .namespaces import wait_until_namespaces_are_freed
from .netlink import port_elements, nftables_generation
from .plan import Plan, close_worlds, progress, rotated
from .processes import drain
from .publishing import PORTMAP_STEP, PublishingHost

FLAT = 1.2
BLOCK = 50  # connections made in a row
RANGE, FIRST_PORT, SHIFT = 10_000, 20_000, 10_000
RANGE_LIMIT = 0.060  # seconds


@dataclass
class Record:
    add: Samples = field(default_factory=Samples)
    delete: Samples = field(default_factory=Samples)
    connect: Samples = field(default_factory=Samples)


def measure_published(plan: Plan) -> list[Figure]:
    counts = [1, 1000] if plan.quick else [1, 100, 1000, 10_000]
    records: dict[str, list[Record]] = {}
    hosts: list[tuple[PublishingHost, Record]] = []
    for contender in plan.contenders():
        records[contender.name] = [Record() for _ in counts]
        for count, record in zip(counts, records[contender.name]):
            progress(f"{contender.name}: publishing {count} ports")
            hosts.append((PublishingHost(plan, contender, count), record))
    measure_changes(plan, hosts)
    measure_connections(plan, hosts)
    for host, _ in hosts:
        host.close()
    wait_until_namespaces_are_freed()
    return describe(plan, records, counts)


def measure_changes(plan: Plan, hosts: list[tuple[PublishingHost, Record]]) -> None:
    """Publishes and withdraws one port. The reference takes seconds at 10 000, so it gets fewer rounds."""
    rounds, rounds_of_reference = plan.repeats(40, 6), 3
    for turn in range(-1, rounds):
        progress(f"publishing one more port {max(turn, 0)}/{rounds}")
        for host, record in rotated(hosts, turn):
            if host.world.contender is plan.reference and turn >= rounds_of_reference:
                continue
            add = host.publish()
            drain()
            delete = host.withdraw()
            drain()
            if turn >= 0:
                record.add.add(add.wall)
                record.delete.add(delete.wall)


def measure_connections(plan: Plan, hosts: list[tuple[PublishingHost, Record]]) -> None:
    for host, _ in hosts:
        host.publish()
        drain()
    processors = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {max(processors)})
    blocks = plan.repeats(10, 3)
    for turn in range(blocks):
        progress(f"connecting {turn}/{blocks}")
        for host, record in rotated(hosts, turn):
            for number in range(-5, BLOCK):
                seconds = host.connection_time()
                if number >= 0:
                    record.connect.add(seconds)
    os.sched_setaffinity(0, processors)


def describe(plan: Plan, records: dict[str, list[Record]], counts: list[int]) -> list[Figure]:
    numbers = " / ".join(f"{count:,}".replace(",", " ") for count in counts)
    figures = []
    for name, field_name in (("portmap ADD", "add"), ("portmap DEL", "delete"), ("connect()", "connect")):
        figure = Figure(f"{name} at {numbers} published ports", {})
        for maker, series in records.items():
            medians = [getattr(record, field_name).median() for record in series]
            figure.cells[maker] = " / ".join(duration(value) for value in medians)
            if plan.ours and maker == plan.ours.name:
                growth = max(medians) / medians[0]
                figure.claims.append(Claim(f"at most {growth:.2f} × the first", growth, FLAT, f"{FLAT:g}"))
        figures.append(figure)
    return figures


@dataclass
class RangeRecord:
    add: Samples = field(default_factory=Samples)
    delete: Samples = field(default_factory=Samples)
    elements: int = 0
    transactions: int = 0


def measure_range(plan: Plan, contender: Contender, ports: list[dict], rounds: int) -> RangeRecord:
    """One container publishes all `ports` with one portmap ADD."""
    world = plan.world(contender)
    world.attach([published(FIRST_PORT - 1, 80)])  # makes what every later ADD finds
    attachment = world.new_attachment(ports)
    world.run_step("ADD", 0, attachment)
    record = RangeRecord()
    for turn in range(rounds):
        progress(f"{contender.name}: {len(ports)} ports {turn}/{rounds}")
        with world.host:
            elements, generation = port_elements(), nftables_generation()
        add = world.run_step("ADD", PORTMAP_STEP, attachment)
        drain()
        with world.host:
            record.elements = port_elements() - elements
            record.transactions = nftables_generation() - generation
        delete = world.run_step("DEL", PORTMAP_STEP, attachment)
        drain()
        record.add.add(add.wall)
        record.delete.add(delete.wall)
    close_worlds([world])
    return record


def measure_ranges(plan: Plan) -> list[Figure]:
    equal = [published(port, port) for port in range(FIRST_PORT, FIRST_PORT + RANGE)]
    shifted = [published(port, port + SHIFT) for port in range(FIRST_PORT, FIRST_PORT + RANGE)]
    figures = []
    for kind, ports in (("equal", equal), ("shifted", shifted)):
        add, delete = Figure(f"portmap ADD of 10 000 ports, {kind} numbers", {}), Figure("… DEL of them", {})
        for contender in (plan.ours, plan.floor):
            if contender is None:
                continue
            record = measure_range(plan, contender, ports, plan.repeats(10, 3))
            add.cells[contender.name], delete.cells[contender.name] = str(record.add), str(record.delete)
            if contender is plan.floor:
                add.notes.append(f"C floor: {record.elements} elements in {record.transactions} transaction")
            else:
                add.claims += range_claims(kind, record)
        if plan.reference:
            add.cells[plan.reference.name] = "hours (iptables once a rule)"
        figures += [add, delete]
    return figures


def range_claims(kind: str, record: RangeRecord) -> list[Claim]:
    if kind == "equal":
        return [at_most(f"{record.elements} elements", record.elements, 1, "1")]
    value = record.add.median()
    return [at_most(f"{record.transactions} transactions", record.transactions, 1, "1"),
            at_most(duration(value), value, RANGE_LIMIT, duration(RANGE_LIMIT))]
