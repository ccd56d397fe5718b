"""The filters of the activity page."""

from datetime import date, datetime, time
from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from audit.models import Entry

# Verbs of the journal are vpopmail's program names.
ACTIONS = (
    "vadddomain",
    "vdeldomain",
    "vaddaliasdomain",
    "vmoddomlimits",
    "vadduser",
    "vdeluser",
    "vmoduser",
    "vpasswd",
    "vsetuserquota",
    "disable_account",
    "enable_account",
    "disable_domain",
    "enable_domain",
    "valias",
    "dotqmail2valias",
    "vacation",
    "autoresponder",
    "dotqmail",
    "vmakedotqmail",
    "ezmlm-make",
    "ezmlm-sub",
    "factor-add",
    "factor-remove",
    "factor-codes",
    "factor-reset",
    "doctor",
    "restore",
    "empty",
    "administrator",
    "look-as",
    "vipmap",
    "purge_vlog",
    "blank_vlog_passwords",
    "unblock",
)


class FilterForm(forms.Form):
    """Everything is optional; what is given must hold together."""

    person = forms.CharField(label=_("Person"), required=False, max_length=161)
    target = forms.CharField(
        label=_("Target"),
        required=False,
        max_length=200,
        widget=forms.TextInput({"placeholder": _("An address or a domain"), "autocapitalize": "none"}),
    )
    action = forms.ChoiceField(
        label=_("Action"), required=False, choices=[("", _("All")), *((a, a) for a in ACTIONS)]
    )
    result = forms.ChoiceField(
        label=_("Result"), required=False, choices=[("", _("All")), *Entry.State.choices]
    )
    since = forms.DateField(label=_("From"), required=False, widget=forms.DateInput({"type": "date"}))
    until = forms.DateField(label=_("To"), required=False, widget=forms.DateInput({"type": "date"}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs["class"] = (
                "form-select" if isinstance(field, forms.ChoiceField) else "form-control"
            )

    @property
    def is_filtered(self) -> bool:
        return any(self.data.get(name) for name in self.fields)

    def narrow(self, entries: QuerySet[Entry]) -> QuerySet[Entry]:
        """The entries that fit; an invalid field does not narrow, it is told beside the field."""
        self.is_valid()
        given = {name: value for name, value in self.cleaned_data.items() if value}
        if person := given.get("person"):
            entries = entries.filter(actor_name=person)
        if target := given.get("target", "").lower():
            entries = entries.filter(
                Q(target=target) if "@" in target else Q(target=target) | Q(domain=target)
            )
        if action := given.get("action"):
            entries = entries.filter(action=action)
        if result := given.get("result"):
            entries = entries.filter(state=result)
        if since := given.get("since"):
            entries = entries.filter(started_at__gte=_midnight(since))
        if until := given.get("until"):
            entries = entries.filter(started_at__lte=_midnight(until, time.max))
        return entries


def _midnight(day: date, moment: time = time.min) -> datetime:
    return timezone.make_aware(datetime.combine(day, moment))
