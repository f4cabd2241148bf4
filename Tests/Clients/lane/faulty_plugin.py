"""Stands in for one plugin and does what the fault named in the file `fault` beside it says."""

import json
import os
import sys


def main(folder, plugin):
    with open(os.path.join(folder, "fault.json")) as file:
        chosen = json.load(file)
    sys.path.insert(0, chosen["lane"])
    from faults import FAULTS, Call
    real = os.path.join(chosen["plugins"], plugin)
    command = os.environ.get("CNI_COMMAND", "")
    if command not in ("ADD", "DEL"):
        os.execv(real, [real])
    fault = next(fault for fault in FAULTS if fault.name == chosen["fault"])
    return fault.act(Call(real, command, json.load(sys.stdin)))
