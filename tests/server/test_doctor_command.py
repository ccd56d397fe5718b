"""`manage.py doctor`."""

import json

import pytest

from audit.models import Entry
from server import doctor_report
from tests.commands.base import done, process, run
from tests.store import Store

NET = "example.net:example.net\n"


@pytest.fixture
def server(store: Store) -> Store:
    """example.com with its alias domain, which virtualdomains lacks, and a stray name in rcpthosts."""
    done("vadddomain", "--alias", "example.net", "example.com", stdin="Secret.Pass1\n")
    control = store.qmail / "control"
    (control / "virtualdomains").write_text(store.control("virtualdomains").replace(NET, ""))
    (control / "rcpthosts").write_text(store.control("rcpthosts") + "gone.example\n")
    return store


@pytest.mark.stores("sqlite")
def test_findings_and_their_exit_status(server: Store) -> None:
    ran = run("doctor")
    assert ran.status == 1 and "2 findings." in ran.err
    assert "virtual-lacks:example.net" in ran.out and "Repair (safe): Add the line" in ran.out
    answer = run("doctor", "--json").json
    assert [one["id"] for one in answer["findings"]] == [
        "rcpt-extra:gone.example",
        "virtual-lacks:example.net",
    ]
    assert [one["safe"] for one in answer["findings"]] == [False, True]
    assert answer["total"] == 2 and answer["kinds"] == {"rcpt-extra": 1, "virtual-lacks": 1}


@pytest.mark.stores("sqlite", "many")
def test_safe_repairs_leave_the_others(server: Store) -> None:
    ran = run("doctor", "--repair", "safe")
    assert ran.status == 1 and "1 finding." in ran.err
    assert NET in server.control("virtualdomains") and "gone.example" in server.control("rcpthosts")
    assert run("doctor", "--repair", "rcpt-extra:gone.example").status == 0
    assert run("doctor").status == 0
    assert list(Entry.objects.filter(action="doctor").order_by("id").values_list("target", flat=True)) == [
        "example.net",
        "gone.example",
    ]


@pytest.mark.stores("sqlite")
def test_an_unknown_id(server: Store) -> None:
    assert run("doctor", "--repair", "virtual-lacks:example.com").status == 3


@pytest.mark.stores("sqlite")
def test_what_cannot_be_looked_at_is_not_healthy(server: Store) -> None:
    (server.qmail / "control" / "virtualdomains").unlink()
    (server.qmail / "control" / "virtualdomains").mkdir()
    assert run("doctor").status not in (0, 1)


@pytest.mark.stores("sqlite")
def test_as_a_process(server: Store) -> None:
    ran = process(server, "doctor", "--json")
    assert ran.returncode == 1 and json.loads(ran.stdout)["total"] == 2


@pytest.mark.stores("sqlite")
def test_an_interrupted_examination_goes_on(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("a.example", "b.example", "c.example"):
        done("vadddomain", name, stdin="Secret.Pass1\n")
    seen: list[str] = []

    def interrupt(step: doctor_report.doctor.Step) -> None:
        seen.append(step.name)
        if step.name == "c.example" and seen.count("c.example") == 1:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        doctor_report.run(progress=interrupt)
    report = doctor_report.last()
    assert report is not None and not report.complete and report.after == "b.example"
    seen.clear()
    assert doctor_report.run(resume=True, progress=seen.append).complete
    assert [step.name for step in seen] == ["c.example"]  # type: ignore[attr-defined]
