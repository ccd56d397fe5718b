"""The form of an automatic answer: what it says, and when it begins and ends."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import vacations
from accounts.forms import helper
from accounts.vacation_state import Standing, Wanted
from mailhost import answers


class SubjectField(forms.CharField):
    """One line."""

    def __init__(self, **kwargs: Any) -> None:
        label = gettext_lazy("Subject")
        super().__init__(**{"label": label, "max_length": answers.LONGEST_SUBJECT, **kwargs})


class TextField(forms.CharField):
    """Plain text; how much is too much, the service says in words."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"label": gettext_lazy("Text"), "strip": False, **kwargs})
        self.widget = forms.Textarea({"rows": "8"})

    def clean(self, value: Any) -> str:
        return answers.plain(str(super().clean(value)))


def _day(label: Any, help_text: Any) -> forms.DateField:
    widget = forms.DateInput({"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, help_text=help_text, required=False, widget=widget)


class VacationForm(forms.Form):
    """`now` is what there is; `seen` tells it from what another writer makes of it meanwhile."""

    subject = SubjectField()
    text = TextField()
    first_day = _day(gettext_lazy("First day"), gettext_lazy("Empty: from now on."))
    last_day = _day(gettext_lazy("Last day"), gettext_lazy("Empty: until it is switched off here."))
    time_zone = forms.ChoiceField(
        label=gettext_lazy("Time zone"), help_text=gettext_lazy("Where midnight is meant.")
    )
    seen = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)

    def __init__(self, *args: Any, now: Standing, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.now = now
        self.initial = {
            "subject": now.texts.subject,
            "text": now.texts.text,
            "first_day": now.first_day,
            "last_day": now.last_day,
            "time_zone": now.time_zone,
            "seen": now.token,
        }
        names = dict.fromkeys([now.time_zone, settings.TIME_ZONE, *vacations.zones()])
        choices = [(name, name.replace("_", " ")) for name in names]
        self.fields["time_zone"].choices = choices  # type: ignore[attr-defined]
        self.helper = helper()

    @property
    def wanted(self) -> Wanted:
        """What accounts.vacation_services.set_vacation is given."""
        return Wanted(**{name: value for name, value in self.cleaned_data.items() if name != "seen"})

    @property
    def is_new(self) -> bool:
        """What is off is switched on by saving, whatever it says."""
        names = ("subject", "text", "first_day", "last_day", "time_zone")
        same = all(self.cleaned_data[name] == self.initial[name] for name in names)
        return self.now.state == "off" or not same

    def renew(self, now: Standing) -> None:
        """After "changed meanwhile": what was typed stays, what is there now is said."""
        self.now = now
        self.data = {**dict(self.data.items()), "seen": now.token}
        there = f"{now.texts.subject}: {now.texts.text}"
        self.add_error(None, _("It is now: %(value)s") % {"value": there[:500]})
