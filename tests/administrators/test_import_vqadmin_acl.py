"""`manage.py import_vqadmin_acl`: the people of vqadmin's file, line by line, with their rights."""

from pathlib import Path
from typing import Any

import pytest

from tests.commands.base import Ran, done, run
from tests.store import Store

pytestmark = pytest.mark.stores("sqlite")


@pytest.fixture
def acl(store: Store, tmp_path: Path) -> Any:
    """`acl(text, *options)`: what the command says of a file with that text."""

    def read(text: str, *options: str) -> Ran:
        path = tmp_path / "vqadmin.acl"
        path.write_text(text, encoding="utf-8", errors="surrogateescape")
        return done("import_vqadmin_acl", *options, str(path))

    return read


def letters_of(username: str) -> str:
    from accounts.models import User

    names = User.objects.get(username=username).groups.order_by("name").values_list("name", flat=True)
    return "".join(name[0] for name in names)


def people() -> list[str]:
    from accounts.models import User

    return sorted(User.objects.values_list("username", flat=True))


def test_the_file_that_vqadmin_comes_with(acl: Any) -> None:
    text = "#\n# List\n#\n\ndefault - ...\n\ntech VI tech1user\nadmin VIMUDCA admin1user\nsenior * admin\n"
    said = acl(text).out
    assert people() == ["admin", "admin1user", "tech1user"]
    assert letters_of("tech1user") == "IV"
    assert letters_of("admin1user") == "ACDIMUV"
    assert letters_of("admin") == "ACDIMUVX"
    assert "5: default - ..." in said and "...: not made, the line gives no rights." in said
    assert "7: tech VI tech1user" in said
    assert "tech1user: made, without a password, with the groups V I." in said
    assert "nobody can sign in yet as: tech1user, admin1user, admin" in said


def test_nobody_made_can_sign_in_or_is_a_superuser(acl: Any) -> None:
    from accounts.models import User

    acl("senior * chief\n")
    user = User.objects.get(username="chief")
    assert not user.has_usable_password() and not user.is_superuser and not user.is_staff
    assert user.has_perm("vpopmail.delete_domain") and not user.has_perm("accounts.change_user")


def test_the_letters_are_the_rights(acl: Any) -> None:
    from accounts.models import User

    rights = {
        "V": "view_account", "I": "view_limits", "M": "change_account", "U": "change_limits",
        "C": "add_account", "A": "add_domain", "D": "delete_account", "X": "delete_domain",
    }  # fmt: skip
    acl("".join(f"g{letter} {letter} user{letter}\n" for letter in rights))
    for letter in rights:
        user = User.objects.get(username=f"user{letter}")
        held = {other for other, right in rights.items() if user.has_perm(f"vpopmail.{right}")}
        assert held - {"V", "I"} == {letter} - {"V", "I"}, letter
        assert user.has_perm("vpopmail.view_domain")


def test_the_first_line_that_names_somebody_counts(acl: Any) -> None:
    said = acl("one V anna\ntwo VIMUCADX anna,bob\n").out
    assert letters_of("anna") == "V"
    assert letters_of("bob") == "ACDIMUVX"
    assert "anna is named in line 1 already, which counts." in said


def test_default_is_not_imported_and_said(acl: Any) -> None:
    said = acl("Default VI carol\n").out
    assert letters_of("carol") == "IV"
    assert "Not imported: vqadmin gave VI to everybody whom no line names." in said


def test_nothing_below_a_line_that_stops_vqadmin(acl: Any) -> None:
    said = acl("one V anna\ntwo\tV\tbob\nthree V carol\n").out
    assert people() == ["anna"]
    assert "vqadmin stops here" in said
    assert "vqadmin never came this far: it stopped at line 2." in said


@pytest.mark.parametrize("line", ["one V anna bob", "one V anna ", "one  V anna", "one V", " V anna"])
def test_lines_of_another_form(acl: Any, line: str) -> None:
    assert "vqadmin stops here" in acl(f"{line}\n").out
    assert people() == []


def test_a_last_line_without_a_newline_is_not_read(acl: Any) -> None:
    said = acl("one V anna\ntwo VI bob").out
    assert people() == ["anna"]
    assert "2: two VI bob" in said and "without its newline" in said


def test_names_beyond_79_bytes_have_no_rights(acl: Any) -> None:
    names = [f"person{number:02d}" for number in range(12)]
    said = acl(f"staff V {','.join(names)}\n").out
    seen = "staff V " + ",".join(names)
    whole = [name for name in names if seen.index(name) + len(name) <= 79]
    assert people() == whole and len(whole) == 8
    assert f"these have no rights by it: {', '.join(names[8:])}" in said


def test_unknown_letters_are_said(acl: Any) -> None:
    said = acl("one VQ* anna\n").out
    assert letters_of("anna") == "V"
    assert "ignored: Q*" in said


@pytest.mark.parametrize("name", ["anna@example.com", "a#1", "-n", "a\x01b", "..."])
def test_names_that_no_administrator_has(acl: Any, name: str) -> None:
    assert "not made." in acl(f"one V {name}\n").out
    assert people() == []


def test_twice_is_as_once(acl: Any) -> None:
    acl("one V anna\n")
    said = acl("one V anna\n").out
    assert "anna: is here already, with these groups." in said and "sign in yet" not in said
    acl("one VI anna\n")
    assert letters_of("anna") == "IV"


def test_people_who_are_more_or_less_are_left_alone(acl: Any, admin: Any) -> None:
    from accounts.models import User

    User.objects.create_user("gone", is_active=False)
    User.objects.create_user("here", confined=True)
    said = acl("one VI admin,gone,here\n").out
    assert [letters_of(name) for name in ("admin", "gone", "here")] == ["", "", ""]
    assert said.count("left alone") == 3


def test_a_dry_run_makes_nobody(acl: Any) -> None:
    from audit.models import Entry

    said = acl("one VI anna\n", "--dry-run").out
    assert "anna: would be made, with the groups V I." in said and "sign in yet" not in said
    assert people() == [] and not Entry.objects.exists()


def test_each_has_an_entry(acl: Any) -> None:
    from audit.models import Entry

    acl("one VI anna\n")
    entry = Entry.objects.get()
    assert (entry.action, entry.target, entry.state, entry.via) == ("administrator", "anna", "ok", "command")
    assert entry.changes == {"groups": [None, ["I: view domains", "V: view accounts"]]}


def test_json(acl: Any) -> None:
    lines = acl("one V anna\n", "--json").json["lines"]
    assert lines[0]["line"] == 1 and lines[0]["text"] == "one V anna"
    assert lines[0]["report"] == ["anna: made, without a password, with the groups V."]


def test_files_that_say_nothing(store: Store, tmp_path: Path) -> None:
    (tmp_path / "empty").write_text("# nothing\n\n")
    assert run("import_vqadmin_acl", str(tmp_path / "empty")).status == 1
    assert run("import_vqadmin_acl", str(tmp_path / "missing")).status == 5


def test_bytes_that_are_no_text(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "vqadmin.acl"
    path.write_bytes(b"one V ann\xff\none V bob\n")
    said = done("import_vqadmin_acl", str(path)).out
    assert "not made." in said and people() == ["bob"]
