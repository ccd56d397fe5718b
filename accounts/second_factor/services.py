"""Changes of somebody's second factor: each in the journal, each told by mail."""

from collections.abc import Callable

from django.contrib.auth.models import AbstractUser
from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext as _

from accounts import sessions
from accounts.models import User
from accounts.roles import may_reset_factor
from accounts.second_factor import factors, notices
from accounts.second_factor.models import AuthenticatorApp, Passkey
from audit.log import Actor, audit
from vpopmail.engines.base import Refused


def person_of(request: HttpRequest) -> AbstractUser:
    assert isinstance(request.user, AbstractUser)  # noqa: S101 - the views ask for somebody signed in
    return request.user


def domain_of(user: AbstractUser) -> str:
    """The real domain of a mailbox; "" for administrators."""
    return str(getattr(user, "domain", ""))


def _enrol(request: HttpRequest, what: str, sentence: str, save: Callable[[], str]) -> list[str]:
    """Save a new factor; `save` returns its mark. Returns recovery codes to show once, if there were none."""
    user = person_of(request)
    changes = {"factor": what}
    with (
        audit(user, "factor-add", user.get_username(), domain=domain_of(user), changes=changes),
        transaction.atomic(),
    ):
        mark = save()
        codes = [] if factors.codes_left(user) else factors.make_recovery_codes(user)
    factors.show(request, mark)
    notices.send(request, user, sentence)
    return codes


def add_app(request: HttpRequest, app: AuthenticatorApp) -> list[str]:
    """The new app takes the place of the one before: a person has one at a time."""

    def save() -> str:
        AuthenticatorApp.objects.filter(user_id=app.user_id).delete()
        app.save()
        return f"{factors.APP}-{app.pk}"

    user = person_of(request).get_username()
    return _enrol(request, "app", _("An authenticator app was added for %(user)s.") % {"user": user}, save)


def add_passkey(request: HttpRequest, passkey: Passkey) -> list[str]:
    def save() -> str:
        passkey.save()
        return passkey.mark

    user = person_of(request).get_username()
    sentence = _("A passkey “%(name)s” was added for %(user)s.") % {"name": passkey.name, "user": user}
    return _enrol(request, f"passkey {passkey.name}", sentence, save)


def remove(request: HttpRequest, factor: AuthenticatorApp | Passkey, *, required: bool) -> None:
    """The last one takes the recovery codes along; where one is obligatory, it stays."""
    user = person_of(request)
    what = f"passkey {factor.name}" if isinstance(factor, Passkey) else "app"
    changes = {"factor": what}
    with (
        audit(user, "factor-remove", user.get_username(), domain=domain_of(user), changes=changes),
        transaction.atomic(),
    ):
        factor.delete()
        left = factors.marks_of(user)
        if not left and required:
            raise Refused(_("A second factor is obligatory here: add another one before you remove this."))
        if not left:
            factors.remove_all(user)
    if left:
        factors.show(request, min(left))  # this session goes on: it has just proved itself
    if isinstance(factor, Passkey):
        words = _("The passkey “%(name)s” of %(user)s was removed.")
    else:
        words = _("The authenticator app of %(user)s was removed.")
    notices.send(request, user, words % {"name": factor.name, "user": user.get_username()})


def renew_codes(request: HttpRequest) -> list[str]:
    user = person_of(request)
    with audit(user, "factor-codes", user.get_username(), domain=domain_of(user)):
        codes = factors.make_recovery_codes(user)
    notices.send(
        request, user, _("New recovery codes were made for %(user)s.") % {"user": user.get_username()}
    )
    return codes


def reset(actor: Actor, user: User, request: HttpRequest | None = None) -> int:
    """Take everything enrolled away, so that the password alone is asked for, and end the person's
    sessions; returns how many factors there were. Raises Refused for an account that only superusers may
    open to the password alone; `actor` None is the command line.
    """
    account = user.account if user.is_mailbox else None
    if actor is not None and account is not None and not may_reset_factor(actor, account):
        raise Refused(_("%(user)s administers this server: only a superuser may do this.") % {"user": user})
    with audit(actor, "factor-reset", user.get_username(), domain=domain_of(user)):
        count = factors.remove_all(user)
        sessions.end_all(user)
    notices.send(request, user, _("The second factor of %(user)s was reset.") % {"user": user.get_username()})
    return count
