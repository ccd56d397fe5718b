"""Limits of domains in the Django admin: rows of the table `limits`, changed through the same services as
elsewhere.
"""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from domains import services
from mailhost.limitsfile import PERMISSIONS, SWITCHES
from vpopmail import limits
from vpopmail.engines.base import Outcome
from vpopmail.models import Limits
from vpopmail.rules import real_domain
from vpopmail.schema import schema
from web.fields import DomainField
from web.tables_admin import Elsewhere, RowAdmin, ServiceForm


def _field(column: str) -> forms.Field:
    """Switches are boxes; of the rest, −1 is unlimited for counts, 0 none for sizes."""
    if column in SWITCHES:
        return forms.BooleanField(required=False, label=column)
    most = 0o777 if column == "perm_maillist" else 7 if column in PERMISSIONS else 2**63 - 1
    least = -1 if column.startswith("max") and column != "maxmsgcount" else 0
    return forms.IntegerField(label=column, min_value=least, max_value=most)


class LimitsForm(ServiceForm):
    """The columns that this server's table has.

    A domain without limits of its own starts from the defaults.
    """

    domain = DomainField()

    class Meta:
        model = Limits
        fields = ("domain",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.changing = "domain" not in self.fields
        read = limits.read(self.instance.domain) if self.changing else limits.default()
        for column in limits.columns():
            self.fields[column] = _field(column)
            self.fields[column].show_hidden_initial = self.changing
            self.initial[column] = read[column]

    def perform(self) -> Outcome:
        columns = [column for column in limits.columns() if not self.changing or column in self.changed_data]
        changes = {column: int(self.cleaned_data[column]) for column in columns}
        domain = self.instance.domain if self.changing else self.cleaned_data["domain"]
        seen = self._seen(columns) if self.changing else None
        outcome = services.change_limits(actor=self.actor, domain=domain, changes=changes, expected=seen)
        self.instance.domain = real_domain(domain).name
        return outcome

    def _seen(self, columns: list[str]) -> dict[str, int]:
        """The values that the page had shown, of those that were changed on it."""
        sent = {column: self.data.get(self.add_initial_prefix(column), "") for column in columns}
        return {column: int(value) for column, value in sent.items() if value.lstrip("-").isdecimal()}


@admin.register(Limits)
class LimitsAdmin(RowAdmin):
    form = LimitsForm
    key_fields = ("domain",)
    ordering = ("domain",)
    list_display = ("domain",)
    search_fields = ("domain__istartswith",)
    search_help_text = gettext_lazy("The beginning of a domain")

    def elsewhere(self) -> Elsewhere | None:
        if schema().limits != "sql":
            sentence = _(
                "On this server limits are files in each domain’s directory; vmoddomlimits changes them."
            )
        elif not schema().has_table(limits.TABLE):
            sentence = _(
                "There is no table of limits yet; vmoddomlimits makes it with the first domain’s limits."
            )
        else:
            return None
        return Elsewhere(sentence, "domains", _("See the domains."))

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """The columns are no fields of the model, so they are not named to Django, which would not know
        them.
        """
        return super().get_form(request, obj, change, **{**kwargs, "fields": () if obj else ("domain",)})

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return ("domain", *limits.columns())

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        term = search_term.strip().lower()
        if not term.isascii() or "\0" in term:
            return queryset.none(), False
        return (queryset.filter(domain__istartswith=term) if term else queryset), False

    def delete_row(self, request: HttpRequest, row: Any) -> Outcome:
        return services.delete_limits(actor=request.user, domain=row.domain)
