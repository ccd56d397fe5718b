"""What a person has enrolled, and whether this session has shown it."""

import hashlib
import re
from dataclasses import dataclass

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db import transaction
from django.db.models import CharField, QuerySet, Value
from django.http import HttpRequest

from accounts import first_run
from accounts.models import SignedIn
from accounts.second_factor.models import AuthenticatorApp, Passkey, RecoveryCode
from web import confirm

Person = AbstractBaseUser | AnonymousUser

MARK = "vqweb.second_factor"  # in the session: which factor was shown
FAILURES = "vqweb.second_factor_failures"
APP, PASSKEY = "app", "passkey"
CODES = 10
_NOT_A_LETTER = re.compile(r"[\s-]+")


@dataclass(frozen=True, slots=True)
class Standing:
    """`enrolled`: the person has a second factor; `shown`: this session has proved it."""

    enrolled: bool
    shown: bool


def pk_of(user: Person) -> int:
    """0, which is nobody's, for who is not signed in."""
    return int(user.pk or 0)


def app_of(user: Person) -> AuthenticatorApp | None:
    found: AuthenticatorApp | None = _apps_of(user).first()
    return found


def _apps_of(user: Person) -> QuerySet[AuthenticatorApp]:
    found: QuerySet[AuthenticatorApp] = AuthenticatorApp.objects.filter(user_id=pk_of(user), confirmed=True)
    return found.order_by("-pk")


def passkeys_of(user: Person) -> list[Passkey]:
    return list(Passkey.objects.filter(user_id=pk_of(user)).order_by("pk"))


def codes_left(user: Person) -> int:
    return RecoveryCode.objects.filter(user_id=pk_of(user)).count()


def marks_of(user: Person) -> frozenset[str]:
    """`app-3`, `passkey-5`: everything enrolled, by one query. Recovery codes alone are no second factor."""

    def marks(kind: str) -> Value:
        return Value(kind, output_field=CharField())

    apps = _apps_of(user).order_by()
    keys = Passkey.objects.filter(user_id=pk_of(user))
    rows = apps.values_list(marks(APP), "pk").union(keys.values_list(marks(PASSKEY), "pk"), all=True)
    return frozenset(f"{kind}-{pk}" for kind, pk in rows)


def standing(request: HttpRequest) -> Standing:
    """A factor that was removed since proves nothing any more; a recovery code does while any is left of
    those that it stood for.
    """
    if getattr(request.user, "has_factor", True) is False:  # read together with the user
        return Standing(enrolled=False, shown=False)
    marks = marks_of(request.user)
    shown = request.session.get(MARK, "").split()
    return Standing(bool(marks), not marks.isdisjoint(shown))


def mark_of_recovery(user: Person) -> str:
    """What a session that was opened with a recovery code remembers."""
    return " ".join(sorted(marks_of(user)))


def show(request: HttpRequest, mark: str) -> None:
    """This session has proved the second factor: it gets a new key, so that one known before is worth
    nothing.
    """
    session, before = request.session, request.session.session_key
    session[MARK] = mark
    session.pop(FAILURES, None)
    confirm.confirmed(request)
    session.cycle_key()
    SignedIn.objects.filter(session_key=before).update(session_key=session.session_key)


def use_app_code(user: Person, code: str) -> str:
    """The mark of the app when its code is right and newer than the last one used, else ""."""
    if not re.fullmatch(r"[0-9]{6}", code):
        return ""
    with transaction.atomic():  # the row is locked: of two who bring the same code one is right
        app = _apps_of(user).select_for_update().first()
        right = app is not None and app.verify_token(code)
    return f"{APP}-{app.pk}" if app is not None and right else ""


def _digest(code: str) -> str:
    return hashlib.sha256(_NOT_A_LETTER.sub("", code).lower().encode()).hexdigest()


def use_recovery_code(user: Person, code: str) -> bool:
    """A code works once: whoever removes its row has used it."""
    deleted, _ = RecoveryCode.objects.filter(user_id=pk_of(user), digest=_digest(code)).delete()
    return bool(deleted)


def make_recovery_codes(user: Person) -> list[str]:
    """New codes, to be shown once; those from before are worth nothing any more."""
    codes = [first_run.generate() for _ in range(CODES)]
    with transaction.atomic():
        RecoveryCode.objects.filter(user_id=pk_of(user)).delete()
        RecoveryCode.objects.bulk_create(RecoveryCode(user_id=pk_of(user), digest=_digest(c)) for c in codes)
    return codes


def remove_all(user: Person) -> int:
    """Everything enrolled and all codes; returns how many factors there were."""
    with transaction.atomic():
        count = len(marks_of(user))
        AuthenticatorApp.objects.filter(user_id=pk_of(user)).delete()
        Passkey.objects.filter(user_id=pk_of(user)).delete()
        RecoveryCode.objects.filter(user_id=pk_of(user)).delete()
    return count
