"""Making and changing administrators: people with a password here, their groups, and the domains they are
confined to. Each function is one entry of the journal; only superusers and the command line may call them.
"""

import hashlib
import json
import re
from collections.abc import Iterable
from datetime import date
from typing import Any

from django.contrib.auth.models import Group
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Grant, User
from audit.change import perform
from audit.log import Actor
from vpopmail import assigned
from vpopmail.engines.base import Changed, NotFound, Outcome, Refused

ACTION = "administrator"
LONGEST_NAME = 100
# No @ and no #: names with them are those of mailboxes.
_NAME = re.compile(r"[\w.+-]*\w[\w.+-]*")


def everybody() -> Any:
    """All administrators, by name."""
    return User.objects.filter(domain="").order_by("username")


def find(username: str) -> User:
    """The administrator of that name. Raises NotFound."""
    user: User | None = everybody().filter(username=username).first()
    if user is None:
        raise NotFound(_("There is no administrator %(name)s.") % {"name": username}, field="username")
    return user


def check_form(username: str) -> None:
    """Raises Refused for what is no name of an administrator."""
    if (
        username == "add"
        or len(username) > LONGEST_NAME
        or not _NAME.fullmatch(username)
        or username.startswith("-")
    ):
        raise Refused(
            _("A user name has letters, digits and the signs . _ + -, no @, and at most %(most)d characters.")
            % {"most": LONGEST_NAME},
            field="username",
        )


def check_name(username: str) -> None:
    """Raises Refused for what is no name of an administrator, or is taken."""
    check_form(username)
    if User.objects.filter(username__iexact=username).exists():
        raise Refused(_("There is somebody called %(name)s already.") % {"name": username}, field="username")


def _check_actor(actor: Actor) -> None:
    if actor is not None and not (getattr(actor, "is_superuser", False) and not getattr(actor, "domain", "")):
        raise Refused(_("Only a superuser may change administrators."))


def _check_password(password: str, user: User) -> None:
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise Refused(" ".join(error.messages), field="password") from error


def _names(groups: Iterable[Group]) -> list[str]:
    return sorted(group.name for group in groups)


def add_administrator(
    *,
    actor: Actor,
    username: str,
    password: str = "",
    email: str = "",
    groups: Iterable[Group] = (),
    superuser: bool = False,
    confined: bool = False,
) -> User:
    """Make an administrator, who cannot sign in until they have a password. Raises Refused."""
    _check_actor(actor)
    check_name(username)
    user = User(
        username=username,
        email=email,
        is_superuser=superuser,
        is_staff=superuser,
        confined=confined and not superuser,
    )
    if password:
        _check_password(password, user)
        user.set_password(password)
    else:
        user.set_unusable_password()
    groups = list(groups)

    def change(entry: str) -> Outcome:
        with transaction.atomic():
            user.save()
            user.groups.set(groups)
        return Outcome()

    changes: dict[str, object] = {"password": "changed"} if password else {}
    new = {"email": email, "groups": _names(groups), "superuser": superuser, "confined": user.confined}
    changes |= {key: [None, value] for key, value in new.items() if value}
    perform(actor, ACTION, username, change, changes=changes)
    return user


def values_of(user: User) -> dict[str, Any]:
    """What `change_administrator` may change, as it stands."""
    return {
        "email": user.email,
        "groups": _names(user.groups.all()),
        "superuser": user.is_superuser,
        "confined": user.confined,
        "active": user.is_active,
    }


def seen(user: User) -> str:
    """Stands for what there is of an administrator to be changed."""
    return hashlib.sha256(json.dumps(values_of(user), sort_keys=True).encode()).hexdigest()[:32]


def change_administrator(
    *,
    actor: Actor,
    user: User,
    email: str | None = None,
    groups: Iterable[Group] | None = None,
    superuser: bool | None = None,
    confined: bool | None = None,
    active: bool | None = None,
    expected: str = "",
) -> Outcome:
    """Change what is given. The last superuser stays one, and nobody takes that from themselves. Raises
    Refused; Changed when `expected`, what `seen` said of the person, holds no more."""
    _check_actor(actor)
    old, chosen = values_of(user), None if groups is None else list(groups)
    new = {**old}
    given = {"email": email, "superuser": superuser, "confined": confined, "active": active}
    new |= {key: value for key, value in given.items() if value is not None}
    new["groups"] = old["groups"] if chosen is None else _names(chosen)
    new["confined"] = new["confined"] and not new["superuser"]
    if old["superuser"] and old["active"] and not (new["superuser"] and new["active"]):
        check_not_last(actor, user)
    changes = {key: [old[key], new[key]] for key in old if old[key] != new[key]}
    if not changes:
        return Outcome()
    if expected and expected != seen(user):
        raise Changed(
            _("%(name)s was changed by somebody else meanwhile. Nothing was overwritten.")
            % {"name": user.username}
        )

    def change(entry: str) -> Outcome:
        user.email, user.is_superuser, user.is_active = new["email"], new["superuser"], new["active"]
        user.confined = new["confined"]
        if "superuser" in changes:
            user.is_staff = new["superuser"]
        with transaction.atomic():
            user.save(update_fields=["email", "is_superuser", "is_staff", "is_active", "confined"])
            if chosen is not None:
                user.groups.set(chosen)
        return Outcome()

    return perform(actor, ACTION, user.username, change, changes=changes)


def check_not_last(actor: Actor, user: User) -> None:
    """Raises Refused where a superuser cannot be taken away: from oneself, or the only one."""
    if actor is not None and actor.pk == user.pk:
        raise Refused(_("You cannot take this from yourself: another superuser can."))
    others = User.objects.filter(is_superuser=True, is_active=True, domain="").exclude(pk=user.pk)
    if not others.exists():
        raise Refused(_("%(name)s is the only superuser left.") % {"name": user.username})


def set_password(*, actor: Actor, user: User, password: str) -> Outcome:
    """Give an administrator a new password; their sessions end. Raises Refused."""
    _check_actor(actor)
    _check_password(password, user)

    def change(entry: str) -> Outcome:
        user.set_password(password)
        user.save(update_fields=["password"])
        return Outcome()

    return perform(actor, ACTION, user.username, change, changes={"password": "changed"})


def give_domain(*, actor: Actor, user: User, domain: str, last_day: date | None = None) -> Outcome:
    """Let a confined administrator's rights hold on a domain, until the end of `last_day`. Given again, the
    day is changed. Raises Refused or NotFound."""
    _check_actor(actor)
    found = assigned.domains().real(domain)
    if found is None:
        raise NotFound(_("There is no domain %(domain)s here.") % {"domain": domain}, field="domain")
    if last_day is not None and last_day < timezone.localdate():
        raise Refused(_("That day has passed."), field="last_day")
    former = Grant.objects.filter(user=user, domain=found.name).first()
    if former is not None and former.last_day == last_day:
        return Outcome()

    def change(entry: str) -> Outcome:
        by = actor.get_username() if actor is not None else ""
        Grant.objects.update_or_create(
            user=user,
            domain=found.name,
            defaults={"last_day": last_day, "given_by": by, "given_at": timezone.now()},
        )
        return Outcome()

    changes = {"grant": [_grant_text(former) if former else None, _text(found.name, last_day)]}
    return perform(actor, ACTION, user.username, change, domain=found.name, changes=changes)


def take_domain(*, actor: Actor, user: User, domain: str) -> Outcome:
    """End a grant. Raises NotFound."""
    _check_actor(actor)
    former = Grant.objects.filter(user=user, domain=domain).first()
    if former is None:
        raise NotFound(_("%(name)s has no grant for %(domain)s.") % {"name": user.username, "domain": domain})

    def change(entry: str) -> Outcome:
        Grant.objects.filter(pk=former.pk).delete()
        return Outcome()

    changes = {"grant": [_grant_text(former), None]}
    return perform(actor, ACTION, user.username, change, domain=domain, changes=changes)


def _grant_text(grant: Grant) -> str:
    return _text(grant.domain, grant.last_day)


def _text(domain: str, last_day: date | None) -> str:
    """How the journal writes a grant down."""
    return f"{domain} {last_day.isoformat()}" if last_day else domain
