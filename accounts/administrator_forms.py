"""Forms of administrators: who they are and what they may, a password, a domain."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.db.models import Case, QuerySet, Value, When
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import administrators, first_run
from accounts.models import User
from accounts.ready_groups import GROUPS
from web.fields import DomainField

READY = {ready.name: ready for ready in GROUPS}


def _in_order() -> QuerySet[Group]:
    """The ready-made groups as they are listed there, then those of somebody's own making."""
    places = [When(name=name, then=Value(place)) for place, name in enumerate(READY)]
    return Group.objects.order_by(Case(*places, default=Value(len(places))), "name")


if TYPE_CHECKING:
    _Groups = forms.ModelMultipleChoiceField[Group]
else:
    _Groups = forms.ModelMultipleChoiceField


class GroupsField(_Groups):
    """Check boxes; of a ready-made group it is said what it is for."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            **{
                "queryset": _in_order(),
                "required": False,
                "label": gettext_lazy("Groups"),
                "help_text": gettext_lazy("The letters are vqadmin's. Groups of your own: Django admin."),
                "widget": forms.CheckboxSelectMultiple,
                **kwargs,
            }
        )

    def label_from_instance(self, obj: Group) -> str:
        ready = READY.get(obj.name)
        return f"{ready.letter or ready.name}: {ready.text}" if ready else obj.name


class NewPasswordField(forms.CharField):
    def __init__(self, **kwargs: Any) -> None:
        attributes = {"autocomplete": "new-password", "autocapitalize": "none", "spellcheck": "false"}
        super().__init__(
            **{
                "required": False,
                "strip": False,
                "max_length": 128,
                "label": gettext_lazy("Password"),
                "help_text": gettext_lazy("Leave it empty to have one generated; it is shown once."),
                "widget": forms.PasswordInput(attributes),
                **kwargs,
            }
        )


class _RightsForm(forms.Form):
    email = forms.EmailField(
        required=False, label=gettext_lazy("E-mail"), help_text=gettext_lazy("For notices about signing in.")
    )
    superuser = forms.BooleanField(
        required=False,
        label=gettext_lazy("Superuser"),
        help_text=gettext_lazy("May do everything everywhere, also change administrators."),
    )
    groups = GroupsField()
    confined = forms.BooleanField(
        required=False,
        label=gettext_lazy("Confined to domains"),
        help_text=gettext_lazy("The rights hold only on the domains that are granted. Not for superusers."),
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("superuser") and data.get("confined"):
            self.add_error("confined", _("A superuser is never confined: choose one of both."))
        return data

    def values(self) -> dict[str, Any]:
        """What the services take."""
        names = ("email", "superuser", "confined", "groups")
        return {name: self.cleaned_data[name] for name in names}


class AddAdministratorForm(_RightsForm):
    username = forms.CharField(
        max_length=administrators.LONGEST_NAME,
        label=gettext_lazy("User name"),
        widget=forms.TextInput({"autocapitalize": "none", "autocomplete": "off", "spellcheck": "false"}),
    )
    password = NewPasswordField()
    field_order = ("username", "email", "password", "superuser", "groups", "confined")

    def values(self) -> dict[str, Any]:
        return {**super().values(), "username": self.cleaned_data["username"]}


class ChangeAdministratorForm(_RightsForm):
    """`groups` that the person has are ticked; `active` is the way to end somebody's sign-in."""

    active = forms.BooleanField(
        required=False,
        label=gettext_lazy("Active"),
        help_text=gettext_lazy("Who is not active cannot sign in, and is signed out at once."),
    )
    seen = forms.CharField(required=False, widget=forms.HiddenInput)
    field_order = ("email", "active", "superuser", "groups", "confined")

    def __init__(self, data: QueryDict | None = None, *, user: User) -> None:
        values = {**administrators.values_of(user), "groups": user.groups.all()}
        super().__init__(data, initial={**values, "seen": administrators.seen(user)})

    def values(self) -> dict[str, Any]:
        own = {"active": self.cleaned_data["active"], "expected": self.cleaned_data["seen"]}
        return {**super().values(), **own}

    def renew(self, user: User) -> None:
        """After "changed meanwhile": what was typed stays, and may be saved over what is there now."""
        typed = QueryDict(mutable=True)
        for name, values in dict(self.data).items():
            typed.setlist(name, values if isinstance(values, list) else [values])
        typed["seen"] = administrators.seen(user)
        self.data = typed


class AdministratorPasswordForm(forms.Form):
    password = NewPasswordField()


def secret_of(form: forms.Form) -> tuple[str, str]:
    """The password to set, and what is to be shown once: "" unless it was generated here."""
    typed = str(form.cleaned_data["password"])
    made = "" if typed else first_run.generate()
    return typed or made, made


class GiveDomainForm(forms.Form):
    domain = DomainField()
    last_day = forms.DateField(
        required=False,
        label=gettext_lazy("Last day"),
        help_text=gettext_lazy("The grant ends by itself after that day. Empty: it stays until you end it."),
        widget=forms.DateInput({"type": "date"}),
    )

    def clean_last_day(self) -> Any:
        day = self.cleaned_data["last_day"]
        if day is not None and not 2000 < day.year < 3000:
            raise ValidationError(_("Write the day as year-month-day."), code="invalid")
        return day
