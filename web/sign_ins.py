"""Lists of attempts to sign in, as three pages show them: of the server, a domain, one's own mailbox."""

from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from vpopmail import assigned, sign_ins
from vpopmail.models import Account
from vpopmail.sign_ins import Attempt, Result, Wanted
from web.paging import KeysetPage, position
from web.states import State

FAILED, ALL = "failed", "all"
LATEST = 5  # on the page of an account
_STATES: dict[Result | None, tuple[Promise, str, str, Promise]] = {
    Result.SUCCESS: (
        gettext_lazy("Signed in"),
        "good",
        "circle-check",
        gettext_lazy("The password was right."),
    ),
    Result.PASSWORD: (
        gettext_lazy("Wrong password"),
        "bad",
        "circle-x",
        gettext_lazy("The account exists; the password was wrong or empty."),
    ),
    Result.UNKNOWN: (
        gettext_lazy("No such account"),
        "plain",
        "circle-dashed",
        gettext_lazy("Nobody has this address."),
    ),
    Result.ACCESS: (
        gettext_lazy("Service closed"),
        "partial",
        "ban",
        gettext_lazy("The password was right, but this service is closed for the account."),
    ),
    Result.INTERNAL: (
        gettext_lazy("Server error"),
        "bad",
        "alert-triangle",
        gettext_lazy("vpopmail could not look: its mailbox or its user was not to be had."),
    ),
    None: (
        gettext_lazy("Unknown"),
        "plain",
        "circle-dashed",
        gettext_lazy("The log does not say how it ended."),
    ),
}


def state_of(attempt: Attempt) -> State:
    """How an attempt ended, as a word."""
    word, kind, icon, detail = _STATES[attempt.result]
    return State(str(word), kind, icon, str(detail))


class SignInFilter(forms.Form):
    """What the person asks for; nothing is required. `domain`: the real domain that a name belongs to."""

    account = forms.CharField(
        label=gettext_lazy("Account"),
        required=False,
        max_length=161,
        widget=forms.TextInput({"autocapitalize": "none", "spellcheck": "false"}),
    )
    ip = forms.GenericIPAddressField(
        label=gettext_lazy("From IP address"),
        required=False,
        error_messages={"invalid": gettext_lazy("That is not an IP address.")},
        widget=forms.TextInput({"autocapitalize": "none", "spellcheck": "false"}),
    )
    result = forms.ChoiceField(
        label=gettext_lazy("Result"),
        required=False,
        choices=[(FAILED, gettext_lazy("Failed")), (ALL, gettext_lazy("All"))],
    )

    def __init__(self, request: HttpRequest, *, domain: str = "") -> None:
        super().__init__(request.GET)
        self.domain = domain
        for field in self.fields.values():
            choice = isinstance(field, forms.ChoiceField)
            field.widget.attrs["class"] = "form-select" if choice else "form-control"
        self.is_valid()

    def clean_account(self) -> tuple[str, str]:
        """Name and real domain; of a whole domain the name is ""."""
        text = str(self.cleaned_data["account"]).strip().lower()
        name, at, domain = text.rpartition("@")
        if not at:
            name, domain = (text, self.domain) if self.domain else ("", text)
        if not text:
            return "", self.domain
        if not text.isascii() or not text.isprintable():
            raise forms.ValidationError(_("No address on this server has these characters."))
        found = assigned.domains().real(domain)
        real = found.name if found else domain
        if self.domain and real != self.domain:
            raise forms.ValidationError(_("That is not an address of this domain."))
        return name, real

    @property
    def is_filtered(self) -> bool:
        return any(self.data.get(name) for name in self.fields)

    def wanted(self) -> Wanted | None:
        """None where what was asked for is nothing that could be there."""
        if self.errors:
            return None
        name, domain = self.cleaned_data["account"]
        failed = self.cleaned_data["result"] != ALL
        return Wanted(domain, name, self.cleaned_data["ip"], failed)


def listed(request: HttpRequest, wanted: Wanted | None) -> dict[str, Any]:
    """The context of `web/_sign_ins.html`: the page asked for by `?after=`."""
    after = position(request)
    number = int(after) if after.isascii() and after.isdigit() and len(after) <= 18 else 0
    found = sign_ins.page(wanted, number) if wanted else sign_ins.AttemptPage([])
    following = str(found.next_after) if found.next_after else ""
    page = KeysetPage(found.rows, following, str(number) if number else "")
    return {"page": page, "looked_more": found.more, "recorded": sign_ins.recorded()}


def attempts_at(account: Account) -> Wanted:
    """All at one account, the successes as well."""
    return Wanted(account.domain, account.name)


def latest(account: Account) -> dict[str, Any]:
    """The context of `accounts/_sign_ins.html`: the latest of them."""
    if not sign_ins.recorded():
        return {"recorded": False}
    found = sign_ins.page(attempts_at(account), limit=LATEST)
    return {"page": KeysetPage(found.rows), "recorded": True}
