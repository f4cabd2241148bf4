"""Figures with their ratios and targets, and how they are printed."""

from dataclasses import dataclass, field
from statistics import median, quantiles

COLUMNS = ["swift-cni", "C floor", "reference"]


@dataclass(frozen=True)
class Claim:
    """A value that must be at most `limit`; `text` says it with its unit and what it is compared with."""

    text: str
    value: float
    limit: float
    limit_text: str

    def reached(self) -> bool:
        return self.value <= self.limit

    def __str__(self) -> str:
        return f"{self.text} (≤ {self.limit_text}: {'reached' if self.reached() else 'NOT reached'})"


@dataclass
class Figure:
    """One line of the table: a text per contender and what is claimed about ours."""

    name: str
    cells: dict[str, str]
    claims: list[Claim] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def remarks(self) -> list[str]:
        return [str(claim) for claim in self.claims] + self.notes


@dataclass
class Samples:
    """Repeated measurements of one thing, in seconds."""

    values: list[float] = field(default_factory=list)

    def add(self, value: float) -> None:
        self.values.append(value)

    def median(self) -> float:
        return median(self.values)

    def spread(self) -> float:
        """Half the distance between the quartiles, as a part of the median."""
        if len(self.values) < 4:
            return (max(self.values) - min(self.values)) / 2 / self.median()
        first, _, third = quantiles(self.values, n=4)
        return (third - first) / 2 / self.median()

    def __str__(self) -> str:
        return f"{duration(self.median())} ±{self.spread() * 100:.0f}%"


def duration(seconds: float) -> str:
    """Three significant digits in µs, ms or s."""
    for scale, unit in ((1e-6, "µs"), (1e-3, "ms"), (1, "s")):
        number = seconds / scale
        if number < 999.5 or unit == "s":
            break
    digits = 2 if number < 9.995 else 1 if number < 99.95 else 0
    return f"{number:.{digits}f} {unit}"


def times(ours: float, other: float, name: str, limit: float) -> Claim:
    """Ours may take `limit` times as much as the other."""
    return Claim(f"{ours / other:.2f} × {name}", ours / other, limit, f"{limit:g}")


def fraction(ours: float, other: float, name: str, parts: int) -> Claim:
    """Ours may take one `parts`th of the other."""
    return Claim(f"1/{other / ours:.1f} of {name}", ours / other, 1 / parts, f"1/{parts}")


def at_most(text: str, value: float, limit: float, limit_text: str) -> Claim:
    return Claim(text, value, limit, limit_text)


def as_text(figures: list[Figure], columns: list[str] = COLUMNS) -> str:
    """Columns for a terminal; claims and notes below their line."""
    names = [figure.name for figure in figures]
    widths = [max(map(len, ["figure", *names]))]
    widths += [max([len(column), *(len(figure.cells.get(column, "–")) for figure in figures)]) for column in columns]
    lines = ["  ".join(text.ljust(width) for text, width in zip(["figure", *columns], widths)).rstrip()]
    lines.append("  ".join("-" * width for width in widths))
    for figure in figures:
        cells = [figure.name, *(figure.cells.get(column, "–") for column in columns)]
        lines.append("  ".join(text.ljust(width) for text, width in zip(cells, widths)).rstrip())
        lines += [f"    {remark}" for remark in figure.remarks()]
    return "\n".join(lines)


def as_markdown(figures: list[Figure], columns: list[str] = COLUMNS) -> str:
    """The table of the README."""
    lines = ["| figure | " + " | ".join(columns) + " | ratio (target) |", "|---" * (len(columns) + 2) + "|"]
    for figure in figures:
        cells = [figure.name, *(figure.cells.get(column, "–") for column in columns), "; ".join(figure.remarks())]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)
