"""Accounts and aliases in the Django admin: rows of one table, changed through the same services as the
pages.
"""

import json
from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import people_admin as people_admin
from accounts import services
from vpopmail import aliases, quota
from vpopmail.engines.base import Outcome, Refused, VpopmailError
from vpopmail.flags import FLAGS, KNOWN, flags_in
from vpopmail.models import Account, Alias
from vpopmail.rules import real_domain
from vpopmail.schema import MANY, schema
from web.fields import DomainField, GecosField, LocalPartField, PasswordField, QuotaField
from web.tables_admin import Elsewhere, RowAdmin, ServiceForm


class AccountForm(ServiceForm):
    """`seen` is the row as the person saw it: what changed meanwhile is not overwritten."""

    domain = DomainField()
    name = LocalPartField(max_length=64)
    password = PasswordField(
        required=False, widget=forms.PasswordInput({"autocomplete": "new-password"}, render_value=False)
    )
    gecos = GecosField()
    quota = QuotaField()
    flags = forms.TypedMultipleChoiceField(
        coerce=int,
        required=False,
        label=gettext_lazy("Flags"),
        choices=[(flag.bit, flag.label) for flag in FLAGS],
        widget=forms.CheckboxSelectMultiple,
    )
    beside_alias = forms.BooleanField(
        required=False,
        label=gettext_lazy("Beside an alias of the same name"),
        help_text=gettext_lazy("Mail goes to the alias, not to the account."),
    )
    seen = forms.CharField(required=False, widget=forms.HiddenInput, strip=False)

    class Meta:
        model = Account
        fields = ("gecos",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.stored = self._stored()
        self.initial.update(
            gecos=self.instance.gecos,
            quota=quota.exact(self.instance.shell) if self.instance.shell else "",
            flags=[flag.bit for flag in flags_in(self.instance.gid)],
            seen=json.dumps(self.stored),
        )

    def _stored(self) -> dict[str, Any]:
        return {"gecos": self.instance.gecos, "gid": self.instance.gid, "shell": self.instance.shell}

    def clean_seen(self) -> dict[str, Any]:
        try:
            seen = json.loads(self.cleaned_data["seen"] or "{}")
        except ValueError:
            seen = {}
        return {**self.stored, **seen} if isinstance(seen, dict) else self.stored

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if self.instance.key and not data.get("quota") and data.get("seen", {}).get("shell"):
            self.add_error("quota", _("Type a size, or NOQUOTA for no limit."))
        return data

    def perform(self) -> Outcome:
        return self._change() if self.stored_key else self._add()

    @property
    def stored_key(self) -> str:
        """The address of the row that is changed; "" for a new one."""
        return self.instance.address if "name" not in self.fields else ""

    def _flags(self) -> int:
        return sum(self.cleaned_data["flags"])

    def _add(self) -> Outcome:
        data = self.cleaned_data
        if not data["password"]:
            raise Refused(_("A password is needed."), field="password")
        outcome = services.add_account(
            actor=self.actor,
            domain=data["domain"],
            name=data["name"],
            password=data["password"],
            gecos=data["gecos"],
            quota=data["quota"],
            flags=self._flags(),
            beside_alias=data["beside_alias"],
        )
        self.instance.name, self.instance.domain = data["name"], real_domain(data["domain"]).name
        return outcome

    def _change(self) -> Outcome:
        """Each part has an entry of its own; a refusal says what was saved before it."""
        where = {"actor": self.actor, "domain": self.instance.domain, "name": self.instance.name}
        data, seen = self.cleaned_data, self.cleaned_data["seen"]
        outcome, done = Outcome(), []
        try:
            if data["gecos"] != seen["gecos"] or self._flags() != seen["gid"] & KNOWN:
                outcome += self._change_row(where, seen)
                done.append(_("display name and flags"))
            if data["quota"] and data["quota"] != seen["shell"]:
                outcome += services.change_quota(**where, quota=data["quota"], expected=seen["shell"])
                done.append(_("quota"))
            if data["password"]:
                outcome += services.change_password(**where, password=data["password"])
        except VpopmailError as error:
            if done:
                self.add_error(None, _("Saved before that: %(parts)s.") % {"parts": ", ".join(done)})
            raise error
        return outcome

    def _change_row(self, where: dict[str, Any], seen: dict[str, Any]) -> Outcome:
        gecos = self.cleaned_data["gecos"]
        changed = {name for name, new in (("gecos", gecos != seen["gecos"]),) if new}
        changed |= {"gid"} if self._flags() != seen["gid"] & KNOWN else set()
        return services.change_account(
            **where,
            gecos=gecos if "gecos" in changed else None,
            set_flags=self._flags() & ~seen["gid"],
            clear_flags=seen["gid"] & KNOWN & ~self._flags(),
            expected={name: seen[name] for name in changed},
        )


@admin.register(Account)
class AccountAdmin(RowAdmin):
    form = AccountForm
    key_fields = ("name", "domain")
    ordering = ("name", "domain")
    list_display = ("address", "gecos", "quota")
    search_fields = ("name__istartswith",)
    search_help_text = gettext_lazy("The beginning of an address")

    def elsewhere(self) -> Elsewhere | None:
        if schema().layout != MANY:
            sentence = _("On this server each domain’s accounts are in a table of their own.")
            return Elsewhere(sentence, "accounts", _("Find, add and change them on the accounts page."))
        if not schema().has_table("vpopmail"):
            sentence = _("There is no table of accounts yet: it is made with the first domain.")
            return Elsewhere(sentence, "add-domain", _("Add a domain."))
        return None

    @admin.display(description=gettext_lazy("Quota"))
    def quota(self, account: Account) -> str:
        return quota.describe(account.shell)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        new = ("domain", "name", "password", "gecos", "quota", "flags", "beside_alias")
        return new if obj is None else ("name", "domain", "gecos", "quota", "flags", "password", "seen")

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).defer("passwd")

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        """By name, or name and domain: what the primary key finds."""
        term = search_term.strip().lower()
        if not term.isascii() or "\0" in term:
            return queryset.none(), False
        name, at, domain = term.rpartition("@")
        if at:
            return queryset.filter(name=name, domain__istartswith=domain), False
        return (queryset.filter(name__istartswith=term) if term else queryset), False

    def delete_row(self, request: HttpRequest, row: Any) -> Outcome:
        return services.delete_account(actor=request.user, domain=row.domain, name=row.name)


class AliasForm(ServiceForm):
    alias = LocalPartField(shortest=1, max_length=64, label=gettext_lazy("Alias"))
    domain = DomainField()
    line = forms.CharField(
        label=gettext_lazy("Line"),
        max_length=500,
        help_text=gettext_lazy(
            "&name@example.com forwards; a path ending in / delivers; |program runs a program."
        ),
    )
    beside_account = forms.BooleanField(
        required=False,
        label=gettext_lazy("Beside an account of the same name"),
        help_text=gettext_lazy("Mail goes to the alias, not to the account."),
    )

    class Meta:
        model = Alias
        fields = ("alias", "domain", "line")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.old_line = self.instance.line

    def field_of(self, error: VpopmailError) -> str | None:
        return "alias" if error.field == "name" and "alias" in self.fields else super().field_of(error)

    def perform(self) -> Outcome:
        row = self.instance
        if "alias" in self.fields:
            row.alias, row.domain = self.cleaned_data["alias"], self.cleaned_data["domain"]
        elif self.cleaned_data["line"] == self.old_line:
            return Outcome()
        elif aliases.keeps_copy(row.pk):
            raise Refused(_("Another program’s mark “copy” is on this line and would be lost."), field="line")
        outcome = services.add_alias(
            actor=self.actor,
            domain=row.domain,
            alias=row.alias,
            line=self.cleaned_data["line"],
            beside_account=self.cleaned_data.get("beside_account", True),
        )
        if "alias" not in self.fields:
            outcome += services.remove_alias(
                actor=self.actor, domain=row.domain, alias=row.alias, line=self.old_line, id=row.pk
            )
        row.domain, row.line = real_domain(row.domain).name, self.cleaned_data["line"]
        row.pk = self._new_id() or row.pk
        return outcome

    def _new_id(self) -> int | None:
        lines = aliases.get_alias(self.instance.domain, self.instance.alias)
        return next((line.id for line in lines if line.line == self.cleaned_data["line"]), None)


@admin.register(Alias)
class AliasAdmin(RowAdmin):
    """One row is one line of an alias.

    A changed line is added, then the old one removed: mail always has a way.
    """

    form = AliasForm
    key_fields = ("alias", "domain")
    ordering = ("id",)
    list_display = ("alias", "domain", "line")
    search_fields = ("alias__istartswith",)
    search_help_text = gettext_lazy("The beginning of an alias")

    def elsewhere(self) -> Elsewhere | None:
        link = _("Choose a domain to see and change its aliases.")
        if schema().aliases != "sql":
            return Elsewhere(
                _("On this server aliases are files in each domain’s directory."), "domains", link
            )
        if not schema().has_table(aliases.TABLE):
            return Elsewhere(
                _("There is no table of aliases yet: it is made with the first one."), "domains", link
            )
        if not aliases.has_ids():
            return Elsewhere(
                _("This server’s table of aliases has no key, so rows cannot be told apart here."),
                "domains",
                link,
            )
        return None

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return ("alias", "domain", "line", "beside_account") if obj is None else ("alias", "domain", "line")

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        """By the beginning of the alias, and the domain when an address is given: what the index finds."""
        term = search_term.strip().lower()
        if not term.isascii() or "\0" in term:
            return queryset.none(), False
        name, at, domain = term.rpartition("@")
        if at:
            return queryset.filter(alias=name, domain__istartswith=domain), False
        return (queryset.filter(alias__istartswith=term) if term else queryset), False

    def activity_of(self, key: str) -> str:
        row = Alias.objects.filter(pk=key).first() if key.isdigit() and self.elsewhere() is None else None
        return f"{row.alias}@{row.domain}" if row else ""

    def delete_row(self, request: HttpRequest, row: Any) -> Outcome:
        return services.remove_alias(
            actor=request.user, domain=row.domain, alias=row.alias, line=row.line, id=row.pk
        )
