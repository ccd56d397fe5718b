"""Forms of aliases: a new alias, and one more line of an alias."""

from collections.abc import Sequence
from typing import Any

from crispy_forms.bootstrap import AppendedText
from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.forms import helper
from accounts.gate import mailbox_line
from mailhost import dotqmail
from mailhost.names import BadName
from vpopmail.aliases import AliasLine
from vpopmail.forwarding_parts import printable
from vpopmail.models import Account
from web.fields import LocalPartField, domain_to_ascii

BLACKHOLE = "#"


class LineField(forms.CharField):
    """Where mail goes: an address; a bare name is one of this domain. No programs and no paths from pages.

    Whoever may write a program line can run commands as the mail system's user, so that is left to the mail
    server's own administrator; the helper refuses such lines as well.
    """

    def __init__(self, *, domain: str, **kwargs: Any) -> None:
        super().__init__(
            **{"label": gettext_lazy("Destination"), "max_length": dotqmail.LONGEST_LINE, **kwargs}
        )
        self.domain = domain
        self.widget.attrs.update(
            {
                "autocapitalize": "none",
                "autocorrect": "off",
                "spellcheck": "false",
                "autocomplete": "off",
                "inputmode": "email",
            }
        )
        self.widget.attrs.setdefault("placeholder", f"anna@{domain}")

    def clean(self, value: Any) -> str:
        text = str(super().clean(value))
        if not text or text == BLACKHOLE:
            return text
        if text.startswith("|"):
            raise ValidationError(
                _("Programs cannot be entered here: they would run on the mail server. Give an address.")
            )
        if text.startswith(("/", ".")):
            raise ValidationError(
                _("Paths cannot be entered here: they would write on the mail server. Give an address.")
            )
        return self._forward(text)

    def _forward(self, text: str) -> str:
        """The line as typed, with the domain in its ASCII form; vpopmail stores `a@b` and `&a@b` alike."""
        mark, address = ("&", text[1:]) if text.startswith("&") else ("", text)
        name, at, domain = address.rpartition("@") if "@" in address else (address, "@", self.domain)
        try:
            line = f"{mark}{name}{at}{domain_to_ascii(domain)}"
            dotqmail.check_line(line)
        except (BadName, dotqmail.BadLine) as error:
            raise ValidationError(str(error)) from error
        return line


class _LineForm(forms.Form):
    """One line: an address, or a box in its place."""

    blackhole = forms.BooleanField(
        required=False,
        label=gettext_lazy("Throw mail away"),
        help_text=gettext_lazy("Mail is accepted and disappears without a word to its sender."),
    )

    def __init__(self, *args: Any, domain: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.domain = domain
        self.fields["line"] = LineField(
            domain=domain,
            required=False,
            help_text=_("A whole address, here or elsewhere; a name alone is one of this domain."),
        )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if "line" in self.errors:
            return data
        if data.get("blackhole") and data.get("line"):
            self.add_error("line", _("Either a destination, or throw mail away: not both in one line."))
        elif data.get("blackhole"):
            data["line"] = BLACKHOLE
        elif not data.get("line") and not data.get("keep_copy"):
            self.add_error("line", _("Type where mail goes, or tick “Throw mail away”."))
        return data


class AliasForm(_LineForm):
    """A new alias. `beside_account` and `keep_copy` appear when an account has the alias's name already."""

    alias = LocalPartField(shortest=1, max_length=64, label=gettext_lazy("Alias"))
    beside_account = forms.BooleanField(
        required=False,
        label=gettext_lazy("Beside the account"),
        help_text=gettext_lazy(
            "The alias comes first: new mail goes to its destinations, no longer into the account's mailbox. "
            "What is there stays, and signing in still works."
        ),
    )
    keep_copy = forms.BooleanField(
        required=False,
        label=gettext_lazy("Also keep a copy in the mailbox"),
        help_text=gettext_lazy("A second line of the alias delivers into the account's mailbox as well."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.order_fields(["alias", "beside_account", "keep_copy", "line", "blackhole"])
        self.asks_beside_account = "beside_account" in self.data or "keep_copy" in self.data
        self._lay_out()

    def _lay_out(self) -> None:
        beside = ("beside_account", "keep_copy") if self.asks_beside_account else ()
        self.helper = helper(AppendedText("alias", f"@{self.domain}"), *beside, "line", "blackhole")

    def ask_beside_account(self) -> None:
        self.asks_beside_account = True
        self._lay_out()

    @staticmethod
    def given(query: QueryDict) -> dict[str, str]:
        """What a link to the form fills in."""
        return {"alias": query.get("alias", "")[:64], "line": query.get("line", "")[:200]}

    def lines(self, account: Account | None) -> list[str]:
        """The lines of the new alias; the copy comes first, so that no moment is without the mailbox."""
        copy = [mailbox_line(account)] if account and self.cleaned_data["keep_copy"] else []
        return copy + [line for line in [self.cleaned_data["line"]] if line]


class AliasLineForm(_LineForm):
    """One more line of an alias that is there; or into the mailbox of the same name."""

    keep_copy = forms.BooleanField(
        required=False,
        label=gettext_lazy("Keep a copy in the mailbox of the same name"),
        help_text=gettext_lazy("In place of a destination: the account's mailbox gets the mail as well."),
    )

    def __init__(
        self, *args: Any, account: Account | None = None, lines: Sequence[str] = (), **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.account = account
        if account is None or mailbox_line(account) in lines:
            del self.fields["keep_copy"]
        self.order_fields(["line", "keep_copy", "blackhole"])
        self.helper = helper(*self.fields)

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if self.account and data.get("keep_copy") and "line" not in self.errors:
            if data.get("line"):
                self.add_error("line", _("One line at a time: either a destination, or one of the boxes."))
            data["line"] = mailbox_line(self.account)
        return data


class RemoveLineForm(forms.Form):
    """The one line to remove: its text as stored, and its id where the table has one."""

    line = forms.CharField(strip=False, widget=forms.HiddenInput, max_length=8 * dotqmail.LONGEST_LINE)
    id = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def of(self, lines: Sequence[AliasLine]) -> dict[str, Any]:
        """The line as it is stored: a page shows bytes that are not UTF-8 by another sign."""
        text, row = self.cleaned_data["line"], self.cleaned_data["id"]
        stored = next((line.line for line in lines if printable(line.line) == text), text)
        return {"line": stored, "id": row}
