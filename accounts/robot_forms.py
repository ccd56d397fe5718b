"""The form of an autoresponder: what it answers, and who else gets the mail."""

from collections.abc import Mapping
from typing import Any

from crispy_forms.bootstrap import AppendedText
from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.forms import helper
from accounts.forwarding_forms import DestinationsField
from accounts.robot_services import Wanted
from accounts.vacation_forms import SubjectField, TextField
from vpopmail.answers import Robot
from web.fields import LocalPartField


class RobotForm(forms.Form):
    """A new one has a `name`; one that is there is told from what others make of it by `seen`."""

    name = LocalPartField(shortest=2, max_length=64, label=gettext_lazy("Address"))
    subject = SubjectField()
    text = TextField()
    forwards = DestinationsField(
        label=gettext_lazy("Mail also goes to"),
        help_text=gettext_lazy("Whole addresses, one a line. Empty: mail is answered and thrown away."),
    )
    seen = forms.CharField(required=False, strip=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, domain: str, robot: Robot | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.domain, self.robot = domain, robot
        if robot is not None:
            del self.fields["name"]
            self.initial = self._shown(robot)
        first = () if robot else (AppendedText("name", f"@{domain}"),)
        self.helper = helper(*first, "subject", "text", "forwards", "seen")

    @staticmethod
    def _shown(robot: Robot) -> dict[str, Any]:
        there = robot.message.answer
        return {
            "subject": there.subject if there else "",
            "text": there.text if there else "",
            "forwards": "\n".join(robot.forwards),
            "seen": robot.token,
        }

    @property
    def wanted(self) -> Wanted:
        data: Mapping[str, Any] = self.cleaned_data
        return Wanted(data["subject"], data["text"], tuple(data["forwards"]))

    @property
    def is_new(self) -> bool:
        if self.robot is None:
            return True
        shown, now = self.initial, self.wanted
        return (shown["subject"], shown["text"], self.robot.forwards) != (now.subject, now.text, now.forwards)

    def renew(self, robot: Robot) -> None:
        """After "changed meanwhile": what was typed stays, what is there now is said."""
        self.robot = robot
        self.data = {**dict(self.data.items()), "seen": robot.token}
        shown = self._shown(robot)
        there = f"{shown['subject']}: {shown['text']} {shown['forwards']}"
        self.add_error(None, _("It is now: %(value)s") % {"value": there[:500]})
