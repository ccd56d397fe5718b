"""Who signs in, what they were granted, and where they are signed in.

Administrators have a password here; the panel's user of a mailbox never has one (accounts.backends).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.auth.models import AbstractUser, UserManager
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from vpopmail.models import Account

_UNREAD: Any = object()


class People(UserManager["User"]):
    """`User.objects`."""

    def of_mailbox(self, name: str, domain: str) -> User | None:
        """The person of an account of a real domain, made at the first call; None when somebody else bears
        that name: an administrator, or one whose life has ended.
        """
        user, _made = self.get_or_create(
            username=f"{name}@{domain}", defaults={"name": name, "domain": domain, "password": "!"}
        )
        return user if (user.name, user.domain) == (name, domain) and user.is_active else None


class User(AbstractUser):
    """An administrator (`domain` empty), or the owner of a mailbox: one life of one address.

    The user name of the latter is the address with its real domain, 64 + 1 + 96 characters. `ended_at` is
    set when that life ended: the row stays for the journal, renamed `…#<id>` and inactive.
    """

    username = models.CharField(_("user name"), max_length=161, unique=True)
    name = models.CharField(_("account"), max_length=64, blank=True, editable=False)
    domain = models.CharField(_("domain"), max_length=96, blank=True, editable=False, db_index=True)
    ended_at = models.DateTimeField(_("ended"), null=True, editable=False)
    confined = models.BooleanField(
        _("confined"),
        default=False,
        help_text=_("The rights hold only on the domains that were granted. Superusers are never confined."),
    )

    objects = People()  # type: ignore[misc]  # django-stubs takes AbstractUser's as final
    _account: Account | None = _UNREAD

    class Meta(AbstractUser.Meta):
        permissions = [
            ("own_mailbox", _("Can use the pages of one’s own mailbox")),
            ("own_sign_in", _("Can use the pages of one’s own sign-in")),
            ("look_as", _("Can look as somebody else")),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(domain="") | models.Q(is_superuser=False, is_staff=False),
                name="mailbox_is_no_administrator",
            )
        ]

    @property
    def is_mailbox(self) -> bool:
        return bool(self.domain)

    @property
    def address(self) -> str:
        """The address of the mailbox; of an administrator what is known of one, or ""."""
        return f"{self.name}@{self.domain}" if self.domain else self.email

    @property
    def account(self) -> Account | None:
        """The mailbox's row; None for administrators, and when the account is gone. Read once per object:
        the middleware reads it anew with each request.
        """
        if self._account is _UNREAD:
            from vpopmail.models import find_account

            self._account = find_account(self.domain, self.name) if self.domain else None
        return self._account

    @account.setter
    def account(self, account: Account | None) -> None:
        self._account = account

    def has_perm(self, perm: str, obj: Any = None) -> bool:
        """As Django has it, except that `is_superuser` on the user of a mailbox counts for nothing, and that
        even superusers have no mailbox of their own.
        """
        if self.domain:
            from accounts.roles import mailbox_may

            return self.is_active and mailbox_may(self, perm, obj)
        if perm == "accounts.own_mailbox":
            return False
        return super().has_perm(perm, obj)

    def hides(self, permission: str, obj: Any) -> bool:
        """Whether pages about `obj` do not offer what the permission is for, since it would be refused all
        the same (web.context).
        """
        from accounts.masks import hides

        return self.is_mailbox and hides(self, permission, obj)

    def visible_domains(self) -> frozenset[str] | None:
        """The real domains this person may know of; None: all (web.access.domains_of)."""
        from accounts.roles import visible_domains

        return visible_domains(self)


class ValidGrants(models.QuerySet["Grant"]):
    def valid(self) -> ValidGrants:
        """Those whose last day has not passed, by the calendar of TIME_ZONE."""
        return self.filter(
            models.Q(last_day__isnull=True) | models.Q(last_day__gte=timezone.localdate()),
        )


class Grant(models.Model):
    """A confined administrator's rights hold on this real domain, through its last day."""

    user = models.ForeignKey(User, models.CASCADE, related_name="grants")
    domain = models.CharField(_("domain"), max_length=96)
    last_day = models.DateField(_("last day"), null=True, blank=True)
    given_by = models.CharField(_("given by"), max_length=161)
    given_at = models.DateTimeField(_("given"), default=timezone.now)

    objects = ValidGrants.as_manager()

    class Meta:
        verbose_name = _("grant")
        verbose_name_plural = _("grants")
        constraints = [models.UniqueConstraint(fields=["user", "domain"], name="grant_once")]
        indexes = [models.Index(fields=["domain"], name="grant_domain")]

    def __str__(self) -> str:
        return f"{self.user}: {self.domain}"


class SignedIn(models.Model):
    """One session of a person, for the list that its owner sees (accounts.sessions)."""

    user = models.ForeignKey(User, models.CASCADE, related_name="sessions")
    session_key = models.CharField(max_length=40, unique=True)
    started_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    address = models.CharField(max_length=45, blank=True)
    agent = models.CharField(max_length=200, blank=True)

    class Meta:
        default_permissions = ()
        verbose_name = _("session")
        verbose_name_plural = _("sessions")

    def __str__(self) -> str:
        return f"{self.user}: {self.started_at:%Y-%m-%d %H:%M}"


class Guess(models.Model):
    """Failed attempts at a password that came by one lane (accounts.throttle). `key` is an HMAC: what was
    typed for a name may have been a password, and is never stored.

    `person` is an HMAC of whom the lane belongs to, "" for the lane of a whole network: one look finds all
    lanes of somebody. `blocked_until` is set when the lane is closed; `known_until` where somebody signed in
    from this network.
    """

    key = models.CharField(max_length=64, unique=True)
    person = models.CharField(max_length=64, default="", db_index=True)
    failures = models.PositiveIntegerField(default=0)
    since = models.DateTimeField()
    blocked_until = models.DateTimeField(null=True)
    known_until = models.DateTimeField(null=True)

    class Meta:
        default_permissions = ()
        indexes = [models.Index(fields=["since"], name="guess_since")]

    def __str__(self) -> str:
        return self.key


class Disabled(models.Model):
    """What disabling an account changed, so that enabling it changes just that back (accounts.disabling).

    `added` are the bits of pw_gid that were not set before, `locked` says that the hash was not locked
    before. It counts only while the account is still as disabling left it. `above`: an administrator of the
    server did it, so a postmaster does not undo it. `with_domain`: the whole domain was disabled.
    """

    domain = models.CharField(max_length=96)
    name = models.CharField(max_length=64)
    added = models.PositiveBigIntegerField()
    locked = models.BooleanField()
    mail = models.CharField(max_length=8)
    reason = models.CharField(max_length=200, blank=True)
    above = models.BooleanField(default=True)
    with_domain = models.BooleanField(default=False)
    by = models.CharField(max_length=161)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["domain", "name"], name="disabled_once")]

    def __str__(self) -> str:
        return f"{self.name}@{self.domain}"


class DisabledDomain(models.Model):
    """A domain that is disabled, or on its way there or back (accounts.disabling_domain).

    `limits` are the domain's limits that were changed, as they were; `own` says that it had limits of its own
    before. `after` is the last account that was come to, `done` how many were changed.
    """

    class State(models.TextChoices):
        DISABLING = "disabling", _("being disabled")
        DISABLED = "disabled", _("disabled")
        ENABLING = "enabling", _("being enabled")

    domain = models.CharField(max_length=96, unique=True)
    state = models.CharField(max_length=9, choices=State.choices)
    limits = models.JSONField(default=dict)
    own = models.BooleanField(default=True)
    mail = models.CharField(max_length=8)
    reason = models.CharField(max_length=200, blank=True)
    after = models.CharField(max_length=64, blank=True)
    done = models.PositiveIntegerField(default=0)
    by = models.CharField(max_length=161)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return self.domain


class Vacation(models.Model):
    """When the answer of an account begins and ends (accounts.vacations); the answer itself is on the mail
    host.

    `domain` is the real one. Days are whole ones in `time_zone`; `due_at` is the moment at which the next
    step is due. `seen` tells the message that stood on the mail host when it was planned from others.
    `problem` says why a step could not be done. `gone_at` is set while the account is not there.
    """

    class State(models.TextChoices):
        PLANNED = "planned", _("planned")
        ON = "on", _("on")
        OVER = "over", _("over")

    domain = models.CharField(max_length=96)
    name = models.CharField(max_length=64)
    subject = models.CharField(max_length=200)
    text = models.TextField()
    first_day = models.DateField(null=True)
    last_day = models.DateField(null=True)
    time_zone = models.CharField(max_length=64)
    state = models.CharField(max_length=7, choices=State.choices)
    due_at = models.DateTimeField(null=True)
    seen = models.CharField(max_length=64, blank=True)
    problem = models.CharField(max_length=500, blank=True)
    changed_at = models.DateTimeField(default=timezone.now)
    gone_at = models.DateTimeField(null=True)

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["domain", "name"], name="vacation_once")]
        indexes = [models.Index(fields=["due_at"], name="vacation_due")]

    def __str__(self) -> str:
        return f"{self.name}@{self.domain}: {self.state}"
