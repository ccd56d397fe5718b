"""How something comes back out of the trash, and how the trash is emptied."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from web.fields import DomainField, LocalPartField

SAME, OTHER, MERGE = "same", "other", "merge"


class _ChoiceForm(forms.Form):
    """Under its own name, under another, or into what has the name now."""

    how = forms.ChoiceField(label=gettext_lazy("How"), widget=forms.RadioSelect)
    name = forms.CharField(required=False)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("how") == OTHER and not given.get("name") and "name" not in self.errors:
            self.add_error("name", _("Say under which name."))
        elif given.get("how") != OTHER:
            self.errors.pop("name", None)  # typed before another choice was made
        return given

    def choice(self) -> dict[str, Any]:
        """The keyword arguments of the service."""
        how = self.cleaned_data["how"]
        return {"name": self.cleaned_data["name"] if how == OTHER else "", "merge": how == MERGE}


class RestoreForm(_ChoiceForm):
    """An account under its own name, under another, or only its mail into the account that there is now."""

    how = forms.ChoiceField(
        label=gettext_lazy("How"),
        widget=forms.RadioSelect,
        choices=[
            (SAME, gettext_lazy("As it was, under its own name")),
            (OTHER, gettext_lazy("As an account of another name")),
            (MERGE, gettext_lazy("Only its mail, into the account that has the name now")),
        ],
    )
    name = LocalPartField(
        label=gettext_lazy("Other name"), required=False, help_text=gettext_lazy("What stands before the @.")
    )


class RestoreDomainForm(_ChoiceForm):
    """A domain under its own name while that is free, into the one that has it now, or under another."""

    name = DomainField(
        label=gettext_lazy("Other name"),
        required=False,
        help_text=gettext_lazy("A domain that is not here yet; its accounts get addresses of it."),
    )

    def __init__(self, *args: Any, exists: bool, free: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(SAME, _("As it was, under its own name"))] if free else []
        if exists:
            choices.append((MERGE, _("Merge it into the domain that has the name now")))
        choices.append((OTHER, _("As a domain of another name")))
        self.fields["how"] = forms.ChoiceField(label=_("How"), widget=forms.RadioSelect, choices=choices)
        self.initial["how"] = choices[0][0]


class ConfirmForm(forms.Form):
    """Nothing to choose; errors of the change are shown on it."""


class EmptyAllForm(forms.Form):
    """How many entries go, typed. `seen` in what was sent is the digest of what the page had shown: nothing
    newer goes with it."""

    confirm = forms.CharField(
        label=gettext_lazy("Number of entries"),
        widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "numeric"}),
    )

    def __init__(self, *args: Any, count: int, digest: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.count, self.digest = count, digest
        self.fields["confirm"].help_text = _("Type %(count)d to confirm.") % {"count": count}

    def clean_confirm(self) -> str:
        typed = str(self.cleaned_data["confirm"]).strip()
        if typed != str(self.count):
            raise forms.ValidationError(
                _("Type the number of entries that go: %(count)d.") % {"count": self.count}
            )
        return typed

    def clean(self) -> dict[str, Any]:
        if self.data.get("seen") != self.digest:
            raise forms.ValidationError(_("The trash has changed meanwhile; look again at what would go."))
        return super().clean() or {}
