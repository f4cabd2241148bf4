"""Result lines as they happen, and a table of all scenarios at the end."""

import time


class Report:
    def __init__(self):
        self.passed = 0
        self.failed = 0
        self.rows = []

    def begin(self, name, purpose):
        self.rows.append({"name": name, "good": 0, "bad": 0, "left": [], "started": time.monotonic(), "seconds": 0})
        print(f"# {name}: {purpose}", flush=True)

    def end(self):
        self.rows[-1]["seconds"] = time.monotonic() - self.rows[-1]["started"]

    def check(self, description, good, reason="", left=""):
        """One `ok` or `not ok` line; `reason` follows a failure, indented. Returns `good`.

        `left` names the kind of trace the check is about; without it the check is about how things work.
        """
        row = self.rows[-1]
        if not left:
            row["good" if good else "bad"] += 1
        elif not good:
            row["left"].append(left)
        self.passed += bool(good)
        self.failed += not good
        print(f"{'ok' if good else 'not ok'} {self.passed + self.failed} - {row['name']}: {description}")
        if not good:
            for line in str(reason).splitlines():
                print(f"    {line}")
        print(end="", flush=True)
        return good

    def close(self):
        """The table, and as the last line the sum. Returns the exit status."""
        print(f"#\n# {'scenario':<16} {'works':>5} {'fails':>5} {'seconds':>7}  leaves behind")
        for row in self.rows:
            print(f"# {row['name']:<16} {row['good']:>5} {row['bad']:>5} {row['seconds']:>7.1f}  "
                  + ("; ".join(row["left"]) or "nothing"))
        print(f"{self.passed} passed, {self.failed} failed")
        return 0 if self.failed == 0 else 1
