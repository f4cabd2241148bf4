"""Start-up: the whole life of a process that is asked for its version, beside an empty static C program."""

import os

from .figures import Figure, Samples, times
from .plan import Plan, progress, rotated
from .processes import run


def measure(plan: Plan) -> list[Figure]:
    question = b'{"cniVersion":"1.0.0"}'
    environment = {"CNI_COMMAND": "VERSION", "PATH": "/usr/bin:/bin"}
    programs = {"C floor": os.path.join(plan.programs, "empty")}
    for contender in (plan.ours, plan.reference):
        if contender:
            programs[contender.name] = contender.program("bridge")
    samples = {name: Samples() for name in programs}
    rounds = plan.repeats(400, 60)
    for turn in range(-5, rounds):
        progress(f"start-up {max(turn, 0)}/{rounds}")
        for name in rotated(list(programs), turn):
            outcome = run(programs[name], [programs[name]], environment, question).check(f"{name}: VERSION")
            if turn >= 0:
                samples[name].add(outcome.wall)
    claims = []
    if plan.ours:
        ours = samples["swift-cni"].median()
        claims.append(times(ours, samples["C floor"].median(), "empty C program", 2.5))
        if plan.reference:
            claims.append(times(ours, samples["reference"].median(), "reference", 0.8))
    cells = {name: str(sample) for name, sample in samples.items()}
    return [Figure("start-up with JSON (VERSION); floor: empty C program", cells, claims)]
