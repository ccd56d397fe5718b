"""The forms that disable an account or a domain, and enable it again."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.disabling import KEEP, LONGEST_REASON, MAIL, Seen, record_of
from accounts.forms import helper
from vpopmail.models import Account


class ChoiceForm(forms.Form):
    """What becomes of new mail, and why this is done."""

    mail = forms.ChoiceField(
        label=gettext_lazy("New mail"), choices=list(MAIL.items()), widget=forms.RadioSelect, initial=KEEP
    )
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        required=False,
        max_length=LONGEST_REASON,
        help_text=gettext_lazy("For whoever looks at this later; it stands in the activity as well."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = helper("mail", "reason")


class _SeenForm(forms.Form):
    """`seen` is pw_gid and the lock of the account as the person saw them: when they no longer stand, nothing
    is done."""

    seen = forms.RegexField(r"\A\d{1,10}[!-]\Z", widget=forms.HiddenInput)

    def __init__(self, *args: Any, account: Account, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.show(account)

    def show(self, account: Account) -> None:
        self.account = account
        self.fields["seen"].initial = as_text(Seen.of(account))

    def renew(self, account: Account) -> None:
        """After "changed meanwhile": what was chosen stays, the page shows what is there now."""
        self.show(account)
        self.data = {**dict(self.data.items()), "seen": as_text(Seen.of(account))}

    def clean_seen(self) -> Seen:
        text = str(self.cleaned_data["seen"])
        if int(text[:-1]) >= 2**31:
            raise ValidationError(_("Load this page again."))
        return Seen(int(text[:-1]), text.endswith("!"))


class DisableForm(ChoiceForm, _SeenForm):
    """Both for one account. One that was disabled with its domain keeps the choice made for the domain."""

    def __init__(self, *args: Any, account: Account, **kwargs: Any) -> None:
        super().__init__(*args, account=account, **kwargs)
        record = record_of(account)
        if record is not None and record.with_domain:
            self.fields["mail"].widget = forms.HiddenInput()
            self.fields["mail"].initial = record.mail


class EnableForm(_SeenForm):
    """Nothing is chosen: everything becomes what it was."""


class EmptyForm(forms.Form):
    """A button."""


def as_text(seen: Seen) -> str:
    """For a hidden field."""
    return f"{seen.gid}{'!' if seen.locked else '-'}"
