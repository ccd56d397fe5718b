"""vpopmail's tables as models. None is managed: vpopmail made them, in several versions.

Here: vpopmail or one table per domain (`Account`), valias, aliasdomains, limits, lastauth, dir_control. Not
here: vlog (holds clear passwords: `sign_ins`), relay and ip_alias_map (`relays`, `ip_map`), the optional
columns pw_clear_passwd, valias_type and copy (written by the engine by name, where `schema` says they exist).
Only columns that every version has are declared, so that no SELECT names a column that is missing. `Domain`
is never queried: no table lists the domains (`assigned` does); it exists for its four permissions.
"""

from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any, cast

from django.apps.registry import Apps
from django.db import models
from django.utils.translation import gettext_lazy as _

from vpopmail import schema
from vpopmail.columns import Number, Text
from vpopmail.database import reading
from vpopmail.keys import PairKey

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from vpopmail.forwarding_parts import Forwarding
    from vpopmail.usage import Usage


class AccountColumns(models.Model):
    """What a user row has in both layouts. `gid` holds flags, `uid` the APOP flag, `shell` the quota: not
    Unix values."""

    name: Any
    domain: Any
    last_auth: "LastAuth | None" = None
    forwarding: "Forwarding | None" = None  # where its mail goes (vpopmail.forwarding_lists sets it so)
    usage: "Usage | None" = None  # what the mailbox holds (vpopmail.usage sets it for a page)
    closed: int | None = None  # services that the domain's limits close (accounts.standing reads them)

    passwd = Text(_("password hash"), max_length=128, db_column="pw_passwd", blank=True)
    uid = Number(db_column="pw_uid", default=0)
    gid = Number(_("flags"), db_column="pw_gid", default=0)
    gecos = Text(_("display name"), max_length=64, db_column="pw_gecos", blank=True)
    dir = Text(_("directory"), max_length=160, db_column="pw_dir", blank=True)
    shell = Text(_("quota"), max_length=20, db_column="pw_shell", blank=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.address

    @property
    def address(self) -> str:
        return f"{self.name}@{self.domain}"


class Account(AccountColumns):
    """A row of the table `vpopmail` (one table for all domains)."""

    key = PairKey("name", "domain")
    name = models.CharField(_("name"), max_length=64, db_column="pw_name")
    domain = models.CharField(_("domain"), max_length=96, db_column="pw_domain")

    class Meta:
        managed = False
        db_table = "vpopmail"
        verbose_name = _("account")
        verbose_name_plural = _("accounts")
        constraints = [models.UniqueConstraint(fields=["name", "domain"], name="vpopmail_account_key")]
        permissions = [
            ("change_password", _("Can change the password of an account")),
            ("change_forwarding", _("Can change the forwarding of an account")),
            ("change_vacation", _("Can change the vacation message of an account")),
            ("view_sign_ins", _("Can view the sign-ins of an account")),
            ("reset_second_factor", _("Can reset the second factor of an account")),
        ]


@lru_cache(maxsize=256)
def _bound(table: str, domain: str) -> type[AccountColumns]:
    """The model of one domain's own table, in a registry of its own: thousands would slow down Django's."""
    meta = type("Meta", (), {"managed": False, "db_table": table, "app_label": "vpopmail", "apps": Apps()})
    members = {
        "__module__": __name__,
        "Meta": meta,
        "domain": domain,
        "name": models.CharField(_("name"), max_length=64, db_column="pw_name", primary_key=True),
        "key": property(lambda self: f"{self.name}@{domain}"),
    }
    return type("DomainAccount", (AccountColumns,), members)


def account_model(domain: str) -> type[Account]:
    """The class whose table holds the accounts of a real domain; in the per-domain layout `.domain` is a
    class attribute.

    The name must come from the assign file: a table's name is made from it.
    """
    if schema.schema().layout == schema.MANY:
        return Account
    return cast(type[Account], _bound(schema.table_of(domain), domain))


def accounts_of(domain: str) -> "QuerySet[Account]":
    """The accounts of a real domain in either layout; empty when its table does not exist."""
    model = account_model(domain)
    found = model._default_manager.all()
    if not schema.schema().has_table(model._meta.db_table):
        return found.none()
    return found.filter(domain=domain) if model is Account else found


def find_account(domain: str, name: str) -> Account | None:
    """One account by name, or None; names are compared in lower case, and only ASCII is ever asked for."""
    if not name or not name.isascii() or "\0" in name:
        return None
    return reading(lambda: accounts_of(domain).filter(name=name.lower()).first())


class Alias(models.Model):
    """A row of `valias`. Query it as a model only where `schema().columns("valias")` has an id; 5.4's table
    has none."""

    id = models.AutoField(primary_key=True)
    alias = models.CharField(_("alias"), max_length=32)
    domain = models.CharField(_("domain"), max_length=96)
    line = models.TextField(_("line"), db_column="valias_line")

    class Meta:
        managed = False
        db_table = "valias"
        verbose_name = _("alias")
        verbose_name_plural = _("aliases")
        permissions = [("add_program", _("Can enter programs and absolute paths in aliases"))]

    def __str__(self) -> str:
        return f"{self.alias}@{self.domain} → {self.line}"


class AliasDomain(models.Model):
    """A row of `aliasdomains`, which Dovecot reads; for mail the assign file is the truth."""

    alias = models.CharField(_("alias domain"), max_length=100, primary_key=True)
    domain = models.CharField(_("domain"), max_length=100)

    class Meta:
        managed = False
        db_table = "aliasdomains"
        verbose_name = _("alias domain")
        verbose_name_plural = _("alias domains")

    def __str__(self) -> str:
        return self.alias


class Limits(models.Model):
    """A row of `limits`: only its key is declared, since columns differ by version; `vpopmail.limits` reads
    the others."""

    domain = models.CharField(_("domain"), max_length=96, primary_key=True)

    class Meta:
        managed = False
        db_table = "limits"
        verbose_name = _("limits")
        verbose_name_plural = _("limits")

    def __str__(self) -> str:
        return self.domain


class LastAuth(models.Model):
    """The last sign-in of an account; `remote_ip` 0.0.0.0 means: made at `timestamp`, never signed in."""

    key = PairKey("user", "domain")
    user = models.CharField(max_length=32)
    domain = models.CharField(max_length=96)
    remote_ip = Text(max_length=39)
    timestamp = models.BigIntegerField()

    class Meta:
        managed = False
        db_table = "lastauth"
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.user}@{self.domain}"

    @property
    def never(self) -> bool:
        """True when the account was made but nobody signed in since."""
        return self.remote_ip in ("", "0.0.0.0")  # noqa: S104  (vpopmail's mark, not an address to bind)

    @property
    def time(self) -> datetime:
        return datetime.fromtimestamp(self.timestamp, UTC)


class DirControl(models.Model):
    """The placement counter of a domain (or of all domains of a uid, `dom_89`). `cur_users` is about a count,
    not one."""

    domain = models.CharField(max_length=96, primary_key=True)
    cur_users = Number()
    level_cur = Number()
    level_max = Number()
    level_start0 = Number()
    level_start1 = Number()
    level_start2 = Number()
    level_end0 = Number()
    level_end1 = Number()
    level_end2 = Number()
    level_mod0 = Number()
    level_mod1 = Number()
    level_mod2 = Number()
    level_index0 = Number()
    level_index1 = Number()
    level_index2 = Number()
    the_dir = Text(max_length=160)

    class Meta:
        managed = False
        db_table = "dir_control"
        default_permissions = ()

    def __str__(self) -> str:
        return self.domain


class Trash(models.Model):
    """Never queried: the trash lies on the mail host. Carries the permissions to look into it (view), bring
    something back (change), and empty it before its time (delete)."""

    entry = models.CharField(max_length=64, primary_key=True)

    class Meta:
        managed = False
        default_permissions = ("view", "change", "delete")
        verbose_name = _("trash")
        verbose_name_plural = _("trash")

    def __str__(self) -> str:
        return self.entry


class Domain(models.Model):
    """Never queried; carries the permissions view, add, change and delete_domain."""

    name = models.CharField(_("domain"), max_length=96, primary_key=True)

    class Meta:
        managed = False
        verbose_name = _("domain")
        verbose_name_plural = _("domains")
        permissions = [("change_delivery", _("Can change where mail for unknown addresses goes"))]

    def __str__(self) -> str:
        return self.name
