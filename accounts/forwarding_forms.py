"""The form of an account's forwarding: into the mailbox, on to other addresses, or thrown away."""

import re
from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from mailhost import dotqmail
from mailhost.names import BadName
from vpopmail.engines.base import Refused
from vpopmail.forwarding import Forwarding
from vpopmail.models import Account
from web.fields import domain_to_ascii

MODES = (
    ("mailbox", gettext_lazy("Into the mailbox, and nowhere else")),
    ("forward", gettext_lazy("On to other addresses")),
    ("blackhole", gettext_lazy("Nowhere: all new mail is thrown away without a word to its sender")),
)
OTHER = ("other", gettext_lazy("Where the other lines lead"))
LONGEST = 20_000  # characters typed; far more than anybody may forward to
_BETWEEN = re.compile(r"[\s,;]+")


class DestinationsField(forms.CharField):
    """Whole addresses, one a line, or with commas between them; each once, its domain in ASCII."""

    widget = forms.Textarea

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"required": False, "max_length": LONGEST, **kwargs})
        self.widget.attrs.update(
            {
                "rows": "3",
                "autocapitalize": "none",
                "autocorrect": "off",
                "spellcheck": "false",
                "autocomplete": "off",
                "inputmode": "email",
            }
        )

    def clean(self, value: Any) -> list[str]:
        text = str(super().clean(value))
        for line in text.splitlines():
            if line.strip().startswith(("|", "/", ".")):
                raise ValidationError(
                    _("Programs and paths cannot be entered here: they would act on the mail server.")
                )
        typed = [one.removeprefix("&") for one in _BETWEEN.split(text) if one]
        try:
            return list(dict.fromkeys(destination(one) for one in typed))
        except Refused as error:
            raise ValidationError(error.message) from error


def destination(text: str) -> str:
    """A whole address as it may be forwarded to, its domain in ASCII. Raises Refused."""
    short = {"text": text[:80]}
    name, at, domain = text.rpartition("@")
    if not at or not name or not domain or name.startswith("-"):
        raise _refused(_("“%(text)s” is no whole address: anna@example.com is one.") % short)
    try:
        address = f"{name}@{domain_to_ascii(domain)}"
        dotqmail.check_line(f"&{address}")
    except (BadName, dotqmail.BadLine) as error:
        raise _refused(f"{text[:80]}: {error}") from error
    if not address.isascii():
        raise _refused(_("“%(text)s” has letters before the @ that this server cannot send to.") % short)
    return address


def _refused(message: str) -> Refused:
    return Refused(message, field="destinations")


def seen_of(fingerprint: Mapping[str, Any] | None) -> str:
    """A file's fingerprint as a form carries it; "" for no file."""
    if fingerprint is None:
        return ""
    return ".".join(str(fingerprint[key]) for key in ("inode", "mtime_ns", "size", "sha256"))


class ForwardingForm(forms.Form):
    """`now` is what the file says; `seen` its fingerprint as the person saw it."""

    mode = forms.ChoiceField(label=gettext_lazy("New mail goes"), widget=forms.RadioSelect)
    destinations = DestinationsField(
        label=gettext_lazy("Addresses"),
    )
    keep_copy = forms.BooleanField(
        required=False,
        label=gettext_lazy("Keep a copy in the mailbox"),
        help_text=gettext_lazy("Without a copy nothing is left here should one of the addresses fail."),
    )
    seen = forms.CharField(required=False, max_length=200, widget=forms.HiddenInput)

    def __init__(
        self, *args: Any, account: Account, now: Forwarding, most: int | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.account, self.now = account, now
        self.initial = {
            "mode": mode_of(now),
            "destinations": "\n".join(now.destinations),
            "keep_copy": now.keeps_copy or not now.destinations,
            "seen": seen_of(now.fingerprint),
        }
        self.fields["mode"].choices = [*MODES, *([OTHER] if mode_of(now) == "other" else [])]  # type: ignore[attr-defined]
        self.fields["destinations"].help_text = _help(most)
        rows = min(12, max(3, len(now.destinations) + 1))
        self.fields["destinations"].widget.attrs["rows"] = str(rows)
        self.fields["keep_copy"].disabled = now.keeps_by_program

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("mode") != "forward":
            self.errors.pop("destinations", None)  # out of sight, and not asked for
        elif not data.get("destinations") and "destinations" not in self.errors:
            self.add_error("destinations", _("Type the address that mail goes on to."))
        return data

    @property
    def wanted(self) -> dict[str, Any]:
        """What accounts.forwarding_services.change_forwarding is given."""
        mode = self.cleaned_data["mode"]
        forward = mode == "forward"
        return {
            "destinations": self.cleaned_data["destinations"] if forward else [],
            "keeps_copy": self.cleaned_data["keep_copy"] if forward else mode == "mailbox",
            "blackhole": mode == "blackhole",
        }

    @property
    def is_stale(self) -> bool:
        """Is another file there than the person saw?"""
        return bool(self.cleaned_data["seen"] != seen_of(self.now.fingerprint))

    @property
    def is_new(self) -> bool:
        now, wanted = self.now, self.wanted
        return wanted != {
            "destinations": list(now.destinations),
            "keeps_copy": now.keeps_copy,
            "blackhole": now.blackhole,
        }

    def renew(self, now: Forwarding) -> None:
        """After "changed meanwhile": what the person typed, on top of what is there now."""
        data = QueryDict(mutable=True)
        data.update({name: str(value) for name, value in self.data.items()})
        data["seen"] = seen_of(now.fingerprint)
        self.now, self.data = now, data


def _help(most: int | None) -> str:
    """`most` is how many addresses the person may give; None: as many as it likes."""
    if most is None:
        return _("Whole addresses, here or elsewhere, one a line.")
    if not most:
        return _("New addresses are not allowed in this domain.")
    text = ngettext(
        "Whole addresses, here or elsewhere, one a line; %(most)d at most.",
        "Whole addresses, here or elsewhere, one a line; %(most)d at most.",
        most,
    )
    return text % {"most": most}


def mode_of(now: Forwarding) -> str:
    """The choice that says what is there."""
    if now.destinations:
        return "forward"
    if now.blackhole:
        return "blackhole"
    return "mailbox" if now.keeps_copy else "other"
