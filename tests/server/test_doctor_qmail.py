"""What the helper sees in qmail's files, beyond the drifts of test_doctor."""

from collections.abc import Callable

import pytest

from aliasdomains import services as alias_domains
from domains import services as domains
from server import doctor, doctor_services
from tests import fake_qmail
from tests.store import Store
from vpopmail import assigned

pytestmark = pytest.mark.stores("sqlite")


def found() -> set[str]:
    assigned.reset()
    return {finding.key for finding in doctor.examine()}


@pytest.fixture
def server(store: Store) -> Store:
    domains.add_domain(actor=None, domain="example.com", password="Secret.Pass1")
    alias_domains.add_alias_domain(actor=None, real="example.com", alias="example.net")
    return store


def assign(store: Store, change: Callable[[str], str]) -> None:
    path = store.qmail / "users" / "assign"
    path.write_text(change(path.read_text()))
    fake_qmail.newu(str(store.qmail))


def test_morercpthosts_and_what_it_was_compiled_to(server: Store) -> None:
    more = server.qmail / "control" / "morercpthosts"
    more.write_text("old.example\n")
    fake_qmail.newmrh(str(server.qmail))
    rcpthosts = server.qmail / "control" / "rcpthosts"
    rcpthosts.write_text(rcpthosts.read_text().replace("example.net\n", ""))
    more.write_text("example.net\n")
    assert found() == {"more-lacks:example.net", "more-extra:old.example"}
    finding = doctor.find("more-lacks:example.net")
    assert finding is not None
    doctor_services.repair(actor=None, finding=finding)
    assert found() == set()


def test_a_full_rcpthosts_leads_to_morercpthosts(server: Store) -> None:
    rcpthosts = server.qmail / "control" / "rcpthosts"
    rcpthosts.write_text("".join(f".h{n}.example\n" for n in range(50)) + "example.com\n")
    finding = doctor.find("rcpt-lacks:example.net")
    assert finding is not None and not finding.safe
    doctor_services.repair(actor=None, finding=finding)
    assert server.control("morercpthosts") == "example.net\n" and found() == set()


def test_lines_that_contradict_each_other(server: Store) -> None:
    assign(server, lambda text: text.replace("+example.net-:example.com:", "+example.net-:gone.example:"))
    assert "alias-without-real:example.net" in found()
    assign(server, lambda text: text.replace("+example.net-:gone.example:", "+example.net-:example.com:"))
    other = "+example.net-:example.com:12345:12345:/elsewhere:-::\n"
    assign(server, lambda text: text.replace(text.splitlines(True)[0], text.splitlines(True)[0] + other))
    assert "assign-twice:example.net" in found()
    assign(
        server,
        lambda text: "".join(x for x in text.splitlines(True) if "+example.net" not in x or x == other),
    )
    assert "alias-elsewhere:example.net" in found()


def test_a_damaged_data_base(server: Store) -> None:
    path = server.qmail / "users" / "cdb"
    path.write_bytes(b"\xff" * 3000)
    finding = doctor.find("damaged:cdb")
    assert found() == {"damaged:cdb"} and finding is not None and finding.safe
    doctor_services.repair(actor=None, finding=finding)
    assert found() == set()


def test_mail_handed_to_somebody_else(server: Store) -> None:
    path = server.qmail / "control" / "virtualdomains"
    path.write_text(path.read_text().replace("example.net:example.net", "example.net:joe"))
    assert found() == {"virtual-differs:example.net"}


def test_hosts_with_a_route_are_no_finding(server: Store) -> None:
    rcpthosts = server.qmail / "control" / "rcpthosts"
    rcpthosts.write_text(rcpthosts.read_text() + "backup.example\n.sub.example\n")
    (server.qmail / "control" / "smtproutes").write_text("backup.example:mx.example\n")
    assert found() == set()
