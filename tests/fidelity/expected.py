"""What a recording lets us expect of the panel: the real programs' state, less the differences on purpose.

Nothing may differ but what stands here (the closed list of docs/decisions, and the rule for SQLite of the
recordings' README):

* `.qmailadmin-limits` is written 0600 with the domain's owner at once (d);
* files below D are made by the domain's uid, so `.dir_control_free` and its lock belong to it, not to root;
* SQLite: counters, free places and the names of directories are those of the MariaDB build (j), since
  vpopmail's own are broken there; a line of an alias that its `valias -i` loses without a word is there (i);
  the table aliasdomains is added, with the rows of MariaDB's;
* 5.4's `vadduser -e` fails on its narrow column and leaves an account without password: here the hash is one
  that fits (i).
"""

from copy import deepcopy
from typing import Any

from tests import recorded
from tests.fidelity.snapshot import ROOT

Step = dict[str, Any]
FREE = (".dir_control_free", ".dir_control_free.lock")
LIMITS = ".qmailadmin-limits"


def steps(scenario: str, build: str) -> list[Step]:
    """The steps of a scenario as this build should do them; a step without `rows` is run and not compared."""
    found: list[Step] = deepcopy(recorded.load(f"{scenario}.{build}")["steps"])
    if build == "sqlite":
        for step, model in zip(found, recorded.load(f"{scenario}.many")["steps"], strict=True):
            _like_mariadb(step, model)
    for step in found:
        _own_files(step)
        if build == "old":
            _passwords_that_fit(step)
    return found


def compare(step: Step, state: dict[str, Any]) -> list[str]:
    """Every difference between a step and the state found after it, one sentence each; empty when there is
    none."""
    found = []
    for part in ("rows", "tree", "control"):
        expected, actual = _normal(part, step[part]), _normal(part, state[part])
        for name in sorted(set(expected) | set(actual)):
            if expected.get(name) != actual.get(name):
                found += _tell(f"{part} {name}", expected.get(name), actual.get(name))
    return found


def _normal(part: str, state: dict[str, Any]) -> dict[str, Any]:
    if part == "rows":
        return {
            table: sorted((sorted(row.items()) for row in rows), key=repr) for table, rows in state.items()
        }
    place = 2 if part == "tree" else 1
    return state if ROOT else {name: [*v[:place], *v[place + 1 :]] for name, v in state.items()}


def _tell(where: str, expected: Any, actual: Any) -> list[str]:
    if expected is None:
        return [f"{where}: not expected, found {actual!r}"]
    if actual is None:
        return [f"{where}: expected {expected!r}, not found"]
    if where.startswith("rows"):
        missing = [f"{where}: missing {row}" for row in expected if row not in actual]
        return missing + [f"{where}: not expected {row}" for row in actual if row not in expected] or [
            f"{where}: rows differ in number"
        ]
    return [f"{where}: expected {expected!r}, found {actual!r}"]


def _own_files(step: Step) -> None:
    for path, entry in step.get("tree", {}).items():
        name = path.rsplit("/", 1)[-1]
        if name in FREE:
            entry[2] = "vpopmail"
        elif name == LIMITS:
            entry[1:3] = ["0o600", "vpopmail"]


def _like_mariadb(step: Step, model: Step) -> None:
    if "rows" not in step:
        return
    rows, others = step["rows"], model["rows"]
    places = {(row["pw_name"], row["pw_domain"]): row["pw_dir"] for row in others["vpopmail"]}
    for row in rows["vpopmail"]:
        row["pw_dir"] = places[row["pw_name"], row["pw_domain"]]
    rows["dir_control"] = deepcopy(others["dir_control"])
    rows["aliasdomains"] = deepcopy(others["aliasdomains"])
    if "valias" in rows or "valias" in others:
        columns = ("alias", "domain", "valias_line")
        rows["valias"] = [{name: row[name] for name in columns} for row in others.get("valias", [])]
    own = {path: entry for path, entry in step["tree"].items() if path.endswith(f"/{LIMITS}")}
    step["tree"] = {**deepcopy(model["tree"]), **own}


def _passwords_that_fit(step: Step) -> None:
    for row in step.get("rows", {}).get("vpopmail", []):
        row["pw_passwd"] = row["pw_passwd"] or "{hash:1}"
