"""`manage.py doctor`."""

import json
import shutil

import pytest

from audit.models import Entry
from server import doctor_report, doctor_sizes
from server.findings import Finding
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


@pytest.mark.stores("sqlite")
def test_what_was_seen_of_an_unfinished_domain_is_not_counted_twice(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("a.example", "b.example"):
        done("vadddomain", name, stdin="Secret.Pass1\n")
        shutil.rmtree(store.directory(name) / "postmaster")
        (store.directory(name) / ".qmail-default").chmod(0o602)

    def stop(finding: Finding) -> bool:
        if finding.key == "files-mode:b.example":
            raise KeyboardInterrupt
        return True

    with pytest.raises(KeyboardInterrupt):
        doctor_report.run(each=stop)
    report = doctor_report.last()
    assert report is not None and (report.total, report.after) == (2, "a.example")
    assert report.kinds == {"no-directory": 1, "files-mode": 1} and len(report.findings) == 2
    report = doctor_report.run(resume=True)
    assert report.complete and report.kinds == {"no-directory": 2, "files-mode": 2}
    assert (report.total, report.safe, len(report.findings)) == (4, 4, 4)


@pytest.mark.stores("sqlite", "many")
def test_a_sample_of_mailboxes_is_counted_and_said_to_be_one(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    done("vadddomain", "-q", "10485760S", "a.example", stdin="Secret.Pass1\n")
    for number in range(8):
        done("vadduser", "-q", "10485760S", f"user{number}@a.example", stdin="Secret.Pass1\n")
        size = store.directory("a.example") / f"user{number}" / "Maildir" / "maildirsize"
        size.write_text("10485760S\n9000000 10\n")
    monkeypatch.setattr(doctor_sizes, "COUNTED", 3)
    monkeypatch.setattr(doctor_sizes, "READ", 3)
    chosen = []
    for begun in (1, 1, 2, 3, 4):
        monkeypatch.setattr(doctor_report.time, "time", lambda now=begun: float(now))
        report = doctor_report.run()
        assert report.sampled == 3 and report.total <= 3
        chosen.append(sorted(one["id"] for one in report.findings))
    assert chosen[0] == chosen[1] and len({tuple(keys) for keys in chosen}) > 1
    assert "(seen in a sample)" in report.findings[0]["text"]
    assert "3 mailboxes was counted, as a sample" in run("doctor").out
    assert run("doctor", "--json").json["sampled"] == 3
    mail = store.directory("a.example") / "user0" / "Maildir" / "cur" / "1.a,S=9000000:2,ST"
    mail.touch()  # programs differ about what is marked for deletion: neither is wrong
    monkeypatch.setattr(doctor_sizes, "COUNTED", 100)
    assert "size-off:user0@a.example" not in {one["id"] for one in doctor_report.run().findings}
