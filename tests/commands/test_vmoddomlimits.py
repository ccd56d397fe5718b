"""`manage.py vmoddomlimits`."""

import pytest

from audit.models import Entry
from tests.commands.base import done, run
from tests.store import Store
from vpopmail import limits

pytestmark = pytest.mark.stores("many", "clear")


def changed(before: limits.DomainLimits) -> dict[str, int]:
    now = limits.read("example.com")
    return {column: value for column, value in now.values.items() if value != before.values[column]}


@pytest.mark.parametrize(
    ("options", "values"),
    [
        (["-P", "5"], {"maxpopaccounts": 5}),
        (["-A5", "-F", "0"], {"maxaliases": 5, "maxforwards": 0}),
        (["-R", "5", "-L", "6"], {"maxautoresponders": 5, "maxmailinglists": 6}),
        (["-P", "-1", "-L", "3"], {"maxmailinglists": 3}),
        (["-Q", "10"], {"diskquota": 10}),
        (["-Q", "10M"], {"diskquota": 10}),
        (["-Q", "2G"], {"diskquota": 2048}),
        (["-q", "52428800"], {"defaultquota": 52428800}),
        (["-q", "10M"], {"defaultquota": 10485760}),
        (["-q", "2G"], {"defaultquota": 2147483648}),
        (["-M", "7", "-m", "1000"], {"maxmsgcount": 7, "defaultmaxmsgcount": 1000}),
        (["-g", "pi"], {"disable_pop": 1, "disable_imap": 1}),
        (
            ["-g", "udpswircxm"],
            dict.fromkeys(
                [
                    "disable_dialup",
                    "disable_passwordchanging",
                    "disable_pop",
                    "disable_smtp",
                    "disable_webmail",
                    "disable_imap",
                    "disable_relay",
                    "disable_spamassassin",
                    "delete_spam",
                    "disable_maildrop",
                ],
                1,
            ),
        ),
        (["-p", "a", "-a", "c", "-f", "m"], {"perm_account": 7, "perm_alias": 1, "perm_forward": 2}),
        (
            ["-r", "d", "-x", "cd", "-z", "cmd"],
            {"perm_autoresponder": 4, "perm_quota": 5, "perm_defaultquota": 7},
        ),
        (["-l", "m", "-u", "cm", "-o", "c"], {"perm_maillist": 2 | 3 << 3 | 1 << 6}),
    ],
)
def test_every_option(store: Store, domain: str, options: list[str], values: dict[str, int]) -> None:
    before = limits.read("example.com")
    done("vmoddomlimits", *options, "example.net")
    assert changed(before) == values
    assert limits.read("example.com").own


def test_others_keep_their_values_and_flags_are_reset(store: Store, domain: str) -> None:
    done("vmoddomlimits", "-P", "5", "-g", "pi", "-l", "a", "-u", "c", "example.com")
    before = limits.read("example.com")
    done("vmoddomlimits", "-g", "x", "-u", "", "example.com")
    assert changed(before) == {"disable_pop": 0, "disable_imap": 0, "delete_spam": 1, "perm_maillist": 7}


def test_the_recorded_line_does_the_same(store: Store, domain: str) -> None:
    done("vmoddomlimits", "-P", "5", "-q", "2G", "-g", "pi", "-u", "c", "-l", "a", "example.com")
    entry = Entry.objects.latest("id")
    assert entry.command == "manage.py vmoddomlimits -P 5 -q 2147483648 -g ip -l cmd -u c -o '' example.com"
    assert entry.changes["maxpopaccounts"] == [-1, 5] and "maxaliases" not in entry.changes
    assert "disable_smtp" not in entry.changes
    before = limits.read("example.com")
    done("vmoddomlimits", "-D", "example.com")
    import shlex

    done(*shlex.split(entry.command)[1:])
    assert changed(before) == {}


def test_limits_are_deleted(store: Store, domain: str) -> None:
    done("vmoddomlimits", "-P", "5", "example.com")
    assert "Limits deleted" in done("vmoddomlimits", "-D", "example.com").out
    assert not limits.read("example.com").own
    assert Entry.objects.latest("id").command == "manage.py vmoddomlimits -D example.com"


def test_saving_what_is_there_changes_nothing(store: Store, domain: str) -> None:
    done("vmoddomlimits", "-P", "5", "example.com")
    before = Entry.objects.count()
    done("vmoddomlimits", "-P", "5", "example.com")
    done("vmoddomlimits", "-S", "example.com")
    assert Entry.objects.count() == before


def test_limits_are_shown_as_vpopmail_does(store: Store, domain: str) -> None:
    done("vmoddomlimits", "-P", "5", "-g", "pi", "-a", "c", "-Q", "100", "example.com")
    shown = done("vmoddomlimits", "-S", "example.net").out
    assert shown.startswith("Domain: example.com\n--\nMax Pop Accounts: 5\nMax Aliases: -1\n")
    assert "GID Flags:\n  NO_IMAP\n  NO_POP\nFlags (for commandline): ip\n" in shown
    assert "\n  alias:                  DENY_CREATE  ALLOW_MODIFY ALLOW_DELETE \n" in shown
    assert "\nDomain Quota: 100 MB\n" in shown
    assert done("vmoddomlimits", "-d", "-S").out.startswith("Default limits\n--\n")
    assert done("vmoddomlimits", "-S", "--json", "example.com").json["limits"]["maxpopaccounts"] == 5


def test_the_default_limits_are_edited(store: Store, domain: str) -> None:
    path = store.home / "etc" / "vlimits.default"
    path.write_text("# ours\nmaxpopaccounts 10 # ten\n\n#disable_pop\nour_own 5\n")
    done("vmoddomlimits", "-d", "-P", "5", "-g", "p", "-q", "10M")
    assert path.read_text() == (
        "# ours\nmaxpopaccounts 5 # ten\n\n#disable_pop\ndisable_pop\nour_own 5\ndefault_quota: 10485760\n"
    )
    assert limits.read("example.com")["maxpopaccounts"] == 5
    entry = Entry.objects.latest("id")
    assert (entry.action, entry.target, entry.domain) == ("vmoddomlimits", "vlimits.default", "")
    assert entry.changes == {
        "maxpopaccounts": [10, 5],
        "disable_pop": [None, 1],
        "defaultquota": [None, 10485760],
    }
    status, entries = path.stat(), Entry.objects.count()
    done("vmoddomlimits", "-d", "-P", "5", "-g", "p", "-q", "10M")
    assert (path.stat().st_mtime_ns, path.stat().st_ino) == (status.st_mtime_ns, status.st_ino)
    assert Entry.objects.count() == entries
    done("vmoddomlimits", "-d", "-g", "")
    assert "\ndisable_pop" not in path.read_text()


def test_the_line_of_the_default_limits_does_the_same(store: Store, domain: str) -> None:
    import shlex

    path = store.home / "etc" / "vlimits.default"
    done("vmoddomlimits", "-d", "-P", "5", "-g", "p", "-a", "cd")
    entry, text = Entry.objects.latest("id"), path.read_text()
    path.unlink()
    done(*shlex.split(entry.command)[1:])
    assert path.read_text() == text


@pytest.mark.parametrize(
    "argv",
    [
        ["example.com"],
        ["-P", "five", "example.com"],
        ["-P", "-2", "example.com"],
        ["-M", "-1", "example.com"],
        ["-q", "rubbish", "example.com"],
        ["-q", "10M,5C", "example.com"],
        ["-Q", "10K", "example.com"],
        ["-Q", "10.5", "example.com"],
        ["-g", "py", "example.com"],
        ["-p", "z", "example.com"],
        ["-S", "-P", "5", "example.com"],
        ["-D", "-P", "5", "example.com"],
        ["-d"],
        ["-d", "-D"],
        ["-d", "-P", "five"],
        ["-d", "-P", "5", "example.com"],
        ["-q", "100T", "-m", "10000", "example.com"],  # longer than the column of an account's quota
        ["-S"],
    ],
)
def test_what_is_refused_changes_nothing(store: Store, domain: str, argv: list[str]) -> None:
    entries = Entry.objects.count()
    assert run("vmoddomlimits", *argv).status == 1
    assert not limits.read("example.com").own
    assert Entry.objects.count() == entries


def test_an_unknown_domain(store: Store) -> None:
    assert run("vmoddomlimits", "-P", "5", "unknown.example").status == 3
