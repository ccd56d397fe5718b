"""What people type: a code, a recovery code, the name of a passkey."""

import re

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.second_factor.passkeys import LONGEST

_ONE_TIME = {
    "autocomplete": "one-time-code",
    "inputmode": "numeric",
    "maxlength": "9",
    "autofocus": "autofocus",
}
_PLAIN = {"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}


class CodeField(forms.CharField):
    """Six digits, as apps show them: with a space in the middle."""

    def to_python(self, value: object) -> str:
        text = re.sub(r"\s", "", super().to_python(value) or "")
        if text and not re.fullmatch(r"[0-9]{6}", text):
            raise ValidationError(_("Enter the six digits that the app shows."))
        return text


class CodeForm(forms.Form):
    code = CodeField(
        label=_("Code"),
        max_length=20,
        widget=forms.TextInput(_ONE_TIME),
        help_text=_("The six digits that your authenticator app shows."),
    )


class RecoveryForm(forms.Form):
    recovery = forms.CharField(
        label=_("Recovery code"),
        max_length=100,
        widget=forms.TextInput(_PLAIN),
        help_text=_("One of those you wrote down. It works once."),
    )


class SetupForm(CodeForm):
    """`setup` carries the signed secret until a code proves that the app has it."""

    setup = forms.CharField(max_length=400, widget=forms.HiddenInput)

    field_order = ("setup", "code")


class PasskeyForm(forms.Form):
    name = forms.CharField(
        label=_("Name"),
        max_length=64,
        widget=forms.TextInput(_PLAIN),
        help_text=_("Where it is kept: “Phone”, “Blue key”. Only you see it."),
    )
    answer = forms.CharField(max_length=LONGEST, widget=forms.HiddenInput)


class ShowPasskeyForm(forms.Form):
    answer = forms.CharField(max_length=LONGEST, widget=forms.HiddenInput)
