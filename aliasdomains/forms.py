"""The form that adds an alias domain; deleting one needs no field."""

from typing import Any

from django import forms
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from vpopmail import rules
from vpopmail.engines.base import NotFound, Refused
from web.access import known_domains, may
from web.fields import DomainField

MOST_OFFERED = 300  # domains offered as one types; beyond, the browser would be slower than typing


class AddAliasDomainForm(forms.Form):
    alias = DomainField(
        label=gettext_lazy("Alias domain"),
        error_messages={"required": gettext_lazy("Type the new name, such as example.net.")},
        help_text=gettext_lazy("The other name: mail for it will reach the people of the domain below."),
    )
    real = DomainField(
        label=gettext_lazy("Leads to the domain"),
        error_messages={"required": gettext_lazy("Type the domain that this name leads to.")},
        help_text=gettext_lazy(
            "A domain of this server; its accounts and aliases are the same under both names."
        ),
    )

    def __init__(self, *args: Any, person: AbstractBaseUser | AnonymousUser, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.person = person
        self.fields["alias"].widget.attrs["placeholder"] = "example.net"
        self.fields["real"].widget.attrs["list"] = "domains"

    @property
    def offered(self) -> list[str]:
        """The domains to choose from, when there are few enough of them."""
        names = known_domains(self.person)
        return list(names) if len(names) <= MOST_OFFERED else []

    def clean_real(self) -> str:
        """An alias domain stands for the domain behind it."""
        try:
            found = rules.real_domain(self.cleaned_data["real"], "real")
        except NotFound as error:
            raise ValidationError(error.message, code="unknown") from error
        if not may(self.person, "vpopmail.add_aliasdomain", found):
            raise ValidationError(_("You may not add names to this domain."), code="foreign")
        return found.name

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if {"real", "alias"} <= data.keys():
            try:
                rules.check_new_alias_domain(data["real"], data["alias"])
            except (Refused, NotFound) as error:
                self.add_error(error.field if error.field in self.fields else None, error.message)
        return data
