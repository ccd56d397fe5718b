"""What is chosen for several accounts at once; one form for each action."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import gate, selected
from accounts.disabling_forms import ChoiceForm, EmptyForm
from accounts.flag_forms import GROUPS
from accounts.forms import DeleteAccountForm, helper
from accounts.selected import Selected
from audit.log import Actor
from vpopmail import flags
from web.fields import QuotaField


class SeveralForm(forms.Form):
    """`values` is what accounts.selected.perform is given."""

    @property
    def values(self) -> dict[str, Any]:
        return self.cleaned_data


class DisableSeveral(ChoiceForm, SeveralForm):
    """Mail and reason, the same for all."""


class EnableSeveral(EmptyForm, SeveralForm):
    """Nothing to choose."""


class QuotaSeveral(SeveralForm):
    quota = QuotaField(
        required=True, help_text=gettext_lazy("A size such as 2 GB or 500 MB, or NOQUOTA for no limit.")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = helper()


class FlagsSeveral(SeveralForm):
    """For each bit that the person may change: leave it, set it, clear it."""

    def __init__(self, *args: Any, fixed: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.bits = [row[0] for _title, rows in GROUPS for row in rows if not row[0] & fixed]
        choices = [("", _("Leave as it is")), ("set", _("Set")), ("clear", _("Clear"))]
        labels = {row[0]: row[1] for _title, rows in GROUPS for row in rows}
        for bit in self.bits:
            self.fields[f"flag_{bit:x}"] = forms.ChoiceField(
                label=labels[bit], choices=choices, required=False
            )
        self.helper = helper()

    def groups(self) -> list[tuple[Any, list[forms.BoundField]]]:
        found = [
            (title, [self[f"flag_{row[0]:x}"] for row in rows if row[0] in self.bits])
            for title, rows in GROUPS
        ]
        return [(title, fields) for title, fields in found if fields]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not self.errors and not any(data.values()):
            raise ValidationError(_("Choose at least one flag to set or to clear."))
        return data

    @property
    def values(self) -> dict[str, Any]:
        chosen = {bit: self.cleaned_data[f"flag_{bit:x}"] for bit in self.bits}
        return {
            "set_flags": sum(bit for bit, choice in chosen.items() if choice == "set"),
            "clear_flags": sum(bit for bit, choice in chosen.items() if choice == "clear"),
        }


class DeleteSeveral(DeleteAccountForm, SeveralForm):
    """What becomes of aliases of the same names."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["aliases"].label = _("Aliases of the same names")
        self.helper = helper()


def form_for(action: str, data: Any, actor: Actor, rows: Sequence[Selected]) -> SeveralForm:
    """The form of an action; of flags those that the person may change of all accounts but its own."""
    if action == selected.FLAGS:
        fixed = 0
        for row in rows:
            found = gate.fixed_flags(actor, row.account)
            fixed |= found if found != flags.KNOWN else 0
        return FlagsSeveral(data, fixed=fixed)
    return _FORMS[action](data)


_FORMS: dict[str, type[SeveralForm]] = {
    selected.DISABLE: DisableSeveral,
    selected.ENABLE: EnableSeveral,
    selected.QUOTA: QuotaSeveral,
    selected.DELETE: DeleteSeveral,
}
