"""Who takes part in this run, where, and how often things are repeated."""

import sys
from dataclasses import dataclass

from .contender import Contender
from .namespaces import wait_until_namespaces_are_freed
from .world import World


@dataclass(frozen=True)
class Plan:
    ours: Contender | None
    reference: Contender | None
    floor: Contender | None
    floor_in_one_process: Contender | None
    programs: str  # folder of the small C programs
    scratch: str
    quick: bool

    def contenders(self) -> list[Contender]:
        return [contender for contender in (self.ours, self.floor, self.reference) if contender]

    def repeats(self, full: int, quick: int) -> int:
        return quick if self.quick else full

    def world(self, contender: Contender) -> World:
        return World(contender, self.scratch)


def rotated(items: list, turn: int) -> list:
    """The items in an order that starts with another one each turn, so that none always follows the same."""
    turn %= max(1, len(items))
    return items[turn:] + items[:turn]


def close_worlds(worlds: list[World]) -> None:
    for world in worlds:
        world.close()
    wait_until_namespaces_are_freed()


def progress(text: str) -> None:
    """One line that is overwritten on a terminal; nothing when the output goes elsewhere."""
    if sys.stderr.isatty():
        sys.stderr.write(f"\r\033[K{text}")
        sys.stderr.flush()
