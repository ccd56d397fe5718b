"""vadddomain: directory and rows first, qmail last (vpopmail.c, vadddomain). Names live in qmail's files;
no table lists them."""

from django.conf import settings
from django.utils.translation import gettext as _

from vpopmail import rules
from vpopmail.database import quoted
from vpopmail.engines.base import NewAccount, Outcome
from vpopmail.engines.native import counters, limits, sql
from vpopmail.engines.native.users import Users, new_last_auth
from vpopmail.engines.native.work import Work, work
from vpopmail.schema import MANY, create_table, ensure_table, reset, schema


def counter_of_domains(uid: int) -> str:
    """The name of the counter that places the directories of domains."""
    return f"dom_{uid}"


def add(domain: str, postmaster: NewAccount, unknown: str, entry: str) -> Outcome:
    """Make a domain with its postmaster, or nothing at all."""
    with work(domain, entry=entry) as job:
        rules.check_new_domain(domain)
        make_tables(job, domain)
        with job.rows():
            place = _make(job, domain, postmaster, unknown)
        job.note("connect", domain=domain, real=domain, hash=place)
        job.call("connect_domain", domain=domain, real=domain, hash=place)
        return job.outcome()


def make_tables(job: Work, domain: str) -> None:
    """Tables that vpopmail makes here. CREATE commits what came before, so all of them come before the
    transaction."""
    facts = schema()
    ensure_table("dir_control")
    if facts.layout == MANY:
        ensure_table("vpopmail")
        if facts.alias_domains:
            ensure_table("aliasdomains")
    else:
        _make_own_table(job, facts.user_table(domain))
    if facts.last_auth:
        ensure_table("lastauth")
    if facts.limits == "sql":
        ensure_table("limits")


def _make_own_table(job: Work, table: str) -> None:
    if not sql.table_exists(table):
        job.note("table", table=table)
        create_table(table)
        job.undo.push(_("the table %(table)s") % {"table": table}, lambda: drop_table(table))


def drop_table(table: str) -> None:
    sql.execute(f"DROP TABLE IF EXISTS {quoted(table)}")
    reset()


def _make(job: Work, domain: str, postmaster: NewAccount, unknown: str) -> str:
    """Counters, directory with `.qmail-default` and postmaster's mailbox, rows; the domain's hash
    directory."""
    [place] = counters.take(job, counter_of_domains(settings.VPOPMAIL_UID), 1) if schema().big_dir else [""]
    quota = postmaster.quota or limits.quota_of_new_domain(domain)
    boxes = [{"name": postmaster.name, "quota": quota}]
    job.note("directory", domain=domain, hash=place)
    made = job.call("make_domain", domain=domain, hash=place, unknown=unknown, mailboxes=boxes)
    job.takes_back(
        _("the directory %(directory)s") % {"directory": made["directory"]},
        "unmake_domain",
        domain=domain,
        hash=place,
    )
    job.note("made")
    if schema().big_dir:
        counters.begin(job, domain)
    users = Users.of(domain)
    directory = f"{made['directory']}/{postmaster.name}"
    users.insert(job, [users.new_row(postmaster, directory, quota) | _gecos(postmaster)])
    new_last_auth(job, domain, [postmaster.name])
    return place


def _gecos(postmaster: NewAccount) -> dict[str, str]:
    return {
        "pw_gecos": postmaster.gecos or postmaster.name.capitalize()
    }  # "Postmaster", as vadddomain.c has it
