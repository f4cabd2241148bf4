"""The nftables ruleset as one readable line for each table, chain, rule, set and element."""

import json
import subprocess


def lines():
    """`nft -j list ruleset` without handles and packet counts, which differ between equal rulesets."""
    text = subprocess.run(["nft", "-j", "list", "ruleset"], check=True, stdout=subprocess.PIPE, text=True).stdout
    seen = {}
    for entry in json.loads(text)["nftables"]:
        (kind, value), = entry.items()
        if kind == "metainfo":
            continue
        elements = value.pop("elem", [])
        for line in [one_line(kind, value)] + [element_line(value, element) for element in elements]:
            # Equal rules are lines of their own: the second says that it is the second.
            seen[line] = seen.get(line, 0) + 1
            yield line if seen[line] == 1 else f"{line} (number {seen[line]})"


def one_line(kind, value):
    place = " ".join(value[key] for key in ("family", "table", "chain") if key in value)
    if kind == "rule":
        comment = f' comment "{value["comment"]}"' if "comment" in value else ""
        return f"nft rule {place}: {' '.join(text(part) for part in value['expr'])}{comment}"
    rest = {key: part for key, part in value.items() if key not in ("family", "table", "name", "handle")}
    return f"nft {kind} {place} {value['name']}" + (f" {text(rest)}" if rest else "")


def element_line(container, element):
    where = f"{container['family']} {container['table']} {container['name']}"
    return f"nft element {where}: {text(element)}"


def text(value):
    """An expression in words close to nft's own; what is not known here stays JSON."""
    if isinstance(value, list):
        return " : ".join(text(part) for part in value)
    if not isinstance(value, dict):
        return str(value)
    if len(value) != 1:
        return json.dumps(without_counts(value), sort_keys=True)
    (key, inner), = value.items()
    if key == "concat":
        return " . ".join(text(part) for part in inner)
    if key == "set" and isinstance(inner, list):
        return "{ " + ", ".join(text(part) for part in inner) + " }"
    if key == "range":
        return f"{text(inner[0])}-{text(inner[1])}"
    if key == "prefix":
        return f"{text(inner['addr'])}/{inner['len']}"
    if key == "elem":
        comment = f' comment "{inner["comment"]}"' if "comment" in inner else ""
        return text(inner["val"]) + comment
    if key == "payload" and "field" in inner:
        return f"{inner['protocol']} {inner['field']}"
    if key in ("meta", "ct", "fib"):
        return " ".join([key, *(text(part) for part in inner.values())])
    if key == "match":
        return f"{text(inner['left'])} {inner['op']} {text(inner['right'])}"
    if key in ("jump", "goto"):
        return f"{key} {inner['target']}"
    if key == "counter":
        return "counter"
    if key in ("accept", "drop", "return", "masquerade"):
        return key if inner is None else f"{key} {text(inner)}"
    return json.dumps(without_counts(value), sort_keys=True)


def without_counts(value):
    if isinstance(value, dict):
        return {key: 0 if key in ("packets", "bytes") and isinstance(part, int) else without_counts(part)
                for key, part in value.items() if key != "handle"}
    if isinstance(value, list):
        return [without_counts(part) for part in value]
    return value
