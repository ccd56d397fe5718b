"""How something comes back out of the trash."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from web.fields import LocalPartField

SAME, OTHER, MERGE = "same", "other", "merge"


class RestoreForm(forms.Form):
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

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("how") == OTHER and not given.get("name") and "name" not in self.errors:
            self.add_error("name", _("Say under which name."))
        return given

    def choice(self) -> dict[str, Any]:
        """The keyword arguments of the service."""
        how = self.cleaned_data["how"]
        return {"name": self.cleaned_data["name"] if how == OTHER else "", "merge": how == MERGE}


class ConfirmForm(forms.Form):
    """Nothing to choose; errors of the change are shown on it."""
