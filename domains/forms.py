"""Forms of domains: adding one, and deleting one by typing its name."""

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from mailhost.names import BadName
from vpopmail import passwords, rules
from vpopmail.engines.base import Refused
from web.fields import AddressField, DomainField, PasswordField, domain_to_ascii, domain_to_unicode

BOUNCE, CATCH_ALL, DELETE = "bounce", "address", "delete"
UNKNOWN = (
    (BOUNCE, gettext_lazy("Bounce it: the sender is told that there is nobody of that name (recommended)")),
    (CATCH_ALL, gettext_lazy("Deliver it to one address")),
    (DELETE, gettext_lazy("Delete it without a word: a mistyped address is never noticed")),
)
MOST_ALIAS_DOMAINS = 50  # of one form; each is made under the locks of the mail host


def free_name(name: str) -> str:
    """Return a new domain's name when nothing has it yet; else a ValidationError that says what has."""
    try:
        rules.check_new_domain(name)
    except Refused as error:
        raise ValidationError(error.message, code="taken") from error
    return name


class UnknownField(forms.ChoiceField):
    """What happens to mail for unknown addresses: a choice, or an address in its place, as in commands."""

    def valid_value(self, value: Any) -> bool:
        return super().valid_value(value) or "@" in str(value)


class AddDomainForm(forms.Form):
    domain = DomainField(
        error_messages={"required": gettext_lazy("Type the name of the domain, such as example.com.")},
        help_text=gettext_lazy(
            "What stands behind the @. Names with other letters, such as müller.example, are accepted."
        ),
    )
    alias_domains = forms.CharField(
        required=False,
        label=gettext_lazy("Alias domains"),
        widget=forms.Textarea(
            {"rows": 2, "spellcheck": "false", "autocapitalize": "none", "autocomplete": "off"}
        ),
        help_text=gettext_lazy(
            "Other names of this domain, one on each line: mail for them reaches the same people."
        ),
    )
    unknown = UnknownField(
        label=gettext_lazy("Mail for unknown addresses"),
        choices=UNKNOWN,
        initial=BOUNCE,
        required=False,
        widget=forms.RadioSelect,
    )
    catch_all = AddressField(
        label=gettext_lazy("Catch-all address"),
        required=False,
        help_text=gettext_lazy("It will get much spam. It can be an address of this domain or of any other."),
    )
    password = PasswordField(
        label=gettext_lazy("Postmaster's password"),
        required=False,
        help_text=gettext_lazy("Leave it empty to have one generated; it is shown once, on the next page."),
    )

    def clean_domain(self) -> str:
        return free_name(self.cleaned_data["domain"])

    def clean_alias_domains(self) -> list[str]:
        names: list[str] = []
        for text in re.split(r"[\s,;]+", self.cleaned_data["alias_domains"].strip()):
            if text:
                names.append(self._alias_domain(text, names))
        if len(names) > MOST_ALIAS_DOMAINS:
            raise ValidationError(
                _("At most %(most)d at once; add the others afterwards."), params={"most": MOST_ALIAS_DOMAINS}
            )
        return names

    def _alias_domain(self, text: str, before: list[str]) -> str:
        try:
            name = domain_to_ascii(text)
        except BadName as error:
            raise ValidationError(
                "%(name)s: %(reason)s", params={"name": text, "reason": _(str(error))}
            ) from error
        if name in before or name == self.cleaned_data.get("domain"):
            raise ValidationError(_("%(name)s is named twice."), params={"name": name})
        return free_name(name)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        unknown = data.get("unknown") or BOUNCE
        if "@" in unknown:
            unknown, data["catch_all"] = CATCH_ALL, self._typed_address(unknown)
        if (
            unknown == CATCH_ALL
            and not data.get("catch_all")
            and not {"unknown", "catch_all"} & set(self.errors)
        ):
            self.add_error("catch_all", _("Type the address that gets this mail."))
        if unknown != CATCH_ALL:
            self.errors.pop("catch_all", None)  # typed before another choice was made, and out of sight now
        data["unknown"] = data.get("catch_all") if unknown == CATCH_ALL else unknown
        return data

    def _typed_address(self, text: str) -> str:
        try:
            return str(self.fields["catch_all"].clean(text))
        except ValidationError as error:
            self.add_error("unknown", error)
            return ""

    def fill_password(self) -> str:
        """Give the postmaster a password when none was typed, and return it to be shown once; else "".

        Raises Refused when the site's policy allows none that could be generated.
        """
        if self.cleaned_data["password"]:
            return ""
        try:
            self.cleaned_data["password"] = passwords.generate()
        except passwords.BadPassword as error:
            raise Refused(str(error), field="password") from error
        return str(self.cleaned_data["password"])

    def values(self) -> dict[str, Any]:
        """What domains.services.add_domain is given."""
        return {name: self.cleaned_data[name] for name in ("domain", "alias_domains", "unknown", "password")}


class DeleteDomainForm(forms.Form):
    """The name typed, in either spelling, and a tick when alias domains go as well."""

    with_alias_domains = forms.BooleanField(required=False)
    confirm = forms.CharField(required=False, max_length=255)

    def __init__(self, *args: Any, domain: str, alias_domains: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.domain = domain
        readable = domain_to_unicode(domain)
        self.fields["confirm"].label = format_lazy(gettext_lazy("Type {name} to confirm"), name=readable)
        self.fields["confirm"].widget.attrs.update(
            {"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}
        )
        if not alias_domains:
            del self.fields["with_alias_domains"]
        else:
            self.fields["with_alias_domains"].label = _("Delete its alias domains too")

    def clean_with_alias_domains(self) -> bool:
        if not self.cleaned_data["with_alias_domains"]:
            raise ValidationError(
                _("An alias domain leads nowhere without its domain: tick this, or delete them first.")
            )
        return True

    def clean_confirm(self) -> str:
        typed = str(self.cleaned_data["confirm"]).lower()
        if typed not in (self.domain, domain_to_unicode(self.domain)):
            raise ValidationError(_("This is not the name of the domain. Nothing was deleted."))
        return typed
