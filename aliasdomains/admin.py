"""Alias domains in the Django admin: the table that Dovecot reads, changed through the same services as the
pages.
"""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from aliasdomains import services
from vpopmail.engines.base import Outcome, VpopmailError
from vpopmail.models import AliasDomain
from vpopmail.rules import real_domain
from vpopmail.schema import schema
from web.fields import DomainField
from web.tables_admin import Elsewhere, RowAdmin, ServiceForm


class AliasDomainForm(ServiceForm):
    alias = DomainField(label=gettext_lazy("Alias domain"))
    domain = DomainField(label=gettext_lazy("Domain"))

    class Meta:
        model = AliasDomain
        fields = ("alias", "domain")

    def field_of(self, error: VpopmailError) -> str | None:
        return "domain" if error.field == "real" else super().field_of(error)

    def perform(self) -> Outcome:
        alias, real = self.cleaned_data["alias"], self.cleaned_data["domain"]
        outcome = services.add_alias_domain(actor=self.actor, real=real, alias=alias)
        self.instance.alias, self.instance.domain = alias, real_domain(real).name
        return outcome


@admin.register(AliasDomain)
class AliasDomainAdmin(RowAdmin):
    """Both columns are the row's identity, so rows are added and deleted, not changed."""

    form = AliasDomainForm
    key_fields = ("alias", "domain")
    ordering = ("alias",)
    list_display = ("alias", "domain")
    search_fields = ("alias__istartswith",)
    search_help_text = gettext_lazy("The beginning of an alias domain")

    def elsewhere(self) -> Elsewhere | None:
        if schema().has_table("aliasdomains"):
            return None
        if schema().alias_domains:
            sentence = _("There is no table of alias domains yet: it is made with the first one.")
        else:
            sentence = _("This server’s vpopmail keeps no table of alias domains.")
        return Elsewhere(sentence, "alias-domains", _("See and change them on the page of alias domains."))

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        term = search_term.strip().lower()
        if not term.isascii() or "\0" in term:
            return queryset.none(), False
        return (queryset.filter(alias__istartswith=term) if term else queryset), False

    def delete_row(self, request: HttpRequest, row: Any) -> Outcome:
        return services.delete_alias_domain(actor=request.user, alias=row.alias)
