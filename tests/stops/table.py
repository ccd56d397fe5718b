"""The table at the end of a test run: verbs × ways × stops × lost × half-made."""

from collections import Counter
from typing import Any

COLUMNS = ("stops", "lost", "half-made")


def write(reporter: Any) -> None:
    """Add up what the tests recorded, over all kinds of store."""
    found: dict[tuple[str, str], Counter[str]] = {}
    for report in [r for kind in ("passed", "failed") for r in reporter.stats.get(kind, ())]:
        for name, value in getattr(report, "user_properties", ()):
            if name == "stops" and report.when == "call":
                _kind, verb, way, *numbers = value
                found.setdefault((verb, way), Counter()).update(dict(zip(COLUMNS, numbers, strict=True)))
    if not found:
        return
    reporter.section("stopped at every step")
    reporter.write_line(f"{'verb':16}{'way':12}" + "".join(f"{column:>10}" for column in COLUMNS))
    for (verb, way), numbers in found.items():
        reporter.write_line(f"{verb:16}{way:12}" + "".join(f"{numbers[column]:>10}" for column in COLUMNS))
    total = sum(found.values(), Counter())
    reporter.write_line(f"{'all':28}" + "".join(f"{total[column]:>10}" for column in COLUMNS))
