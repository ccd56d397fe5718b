"""Form fields for what vpopmail stores: each turns what people type into what the tables hold, or says in
words what to do.
"""

import json
from typing import Any

import idna
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from mailhost import names
from vpopmail import passwords
from vpopmail import quota as quotas

LONGEST_GECOS = 64  # characters: pw_gecos, varchar(64) latin1


def domain_to_ascii(text: str) -> str:
    """Lower case, IDN to xn-- (UTS 46, as browsers do; the standard library knows IDNA 2003 only). Raises
    BadName.
    """
    text = text.strip().removesuffix(".")
    if not text.isascii():
        try:
            text = idna.encode(text, uts46=True, transitional=False).decode("ascii")
        except idna.IDNAError:
            raise names.BadName(
                "This domain has characters that no domain can have. Check its spelling."
            ) from None
    return names.check_domain(text.lower())


def domain_to_unicode(name: str) -> str:
    """How people read an xn-- name; the name itself when it is none, or a broken one."""
    if "xn--" not in name:
        return name
    try:
        return idna.decode(name)
    except idna.IDNAError:
        return name


def _checked(check: Any, text: str, *args: Any) -> str:
    try:
        return str(check(text, *args))
    except names.BadName as error:
        raise ValidationError(_(str(error)), code="invalid") from error


class _NameField(forms.CharField):
    """Names are case-less, so they are lowered; nothing else is changed, since a trimmed or mended name
    is another name.
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"strip": True, **kwargs})
        self.widget.attrs.update(
            {"autocapitalize": "none", "autocorrect": "off", "spellcheck": "false", "autocomplete": "off"}
        )


class DomainField(_NameField):
    """A domain's name; `müller.example` becomes `xn--mller-kva.example`."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"label": gettext_lazy("Domain"), **kwargs})
        self.widget.attrs.setdefault("placeholder", "example.com")
        self.widget.attrs["inputmode"] = "url"

    def clean(self, value: Any) -> str:
        text = str(super().clean(value))
        return _checked(domain_to_ascii, text) if text else ""


class LocalPartField(_NameField):
    """What stands before the @. `shortest` is 2 for accounts, 1 for aliases
    (mailhost.names.check_local_part).
    """

    def __init__(self, *, shortest: int = 2, **kwargs: Any) -> None:
        self.shortest = shortest
        super().__init__(**{"label": gettext_lazy("Name"), **kwargs})

    def clean(self, value: Any) -> str:
        text = str(super().clean(value)).lower()
        if "@" in text:
            raise ValidationError(_("Only what stands before the @: the domain is fixed."), code="invalid")
        return _checked(names.check_local_part, text, self.shortest) if text else ""


class AddressField(_NameField):
    """`name@domain`, of any domain in the world."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"label": gettext_lazy("Address"), **kwargs})
        self.widget.attrs.setdefault("inputmode", "email")

    def clean(self, value: Any) -> str:
        text = str(super().clean(value))
        if not text:
            return ""
        name, at, domain = text.rpartition("@")
        if not at or not name:
            raise ValidationError(
                _("An address has a name, an @ and a domain: anna@example.com."), code="invalid"
            )
        return f"{_checked(names.check_local_part, name.lower(), 1)}@{_checked(domain_to_ascii, domain)}"


class QuotaField(forms.CharField):
    """`2 GB`, `500 MB`, `NOQUOTA`; gives vpopmail's text (`2147483648S`), or "" for the domain's default."""

    def __init__(self, **kwargs: Any) -> None:
        help_text = gettext_lazy(
            "A size such as 2 GB or 500 MB, or NOQUOTA for no limit. Empty: the domain's default."
        )
        super().__init__(
            **{
                "label": gettext_lazy("Quota"),
                "required": False,
                "max_length": 40,
                "help_text": help_text,
                **kwargs,
            }
        )
        self.widget.attrs.setdefault("autocomplete", "off")

    def clean(self, value: Any) -> str:
        text = str(super().clean(value))
        if not text:
            return ""
        try:
            return quotas.parse_quota(text)
        except quotas.BadQuota as error:
            raise ValidationError(str(error), code="invalid") from error


class PasswordWidget(forms.PasswordInput):
    """With show/hide, a generator and a meter (static/panel.js); none of them has a name: one value is sent.

    The meter judges by the site's own policy, which comes along as data. A rejected form comes back without
    what was typed here: no page holds a password, except the one that shows a generated one once.
    """

    template_name = "web/password.html"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        usual = {"autocomplete": "new-password", "autocapitalize": "none", "spellcheck": "false"}
        super().__init__({**usual, **(attrs or {})}, render_value=False)

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        policy = passwords.site_policy()
        return {
            **super().get_context(name, value, attrs),
            "was_typed": bool(value),
            "policy": json.dumps(policy.rules),
            "policy_text": policy.text,
        }


class PasswordField(forms.CharField):
    """A new password for an account, as it was typed; services judge it (vpopmail.passwords.check_policy)."""

    def __init__(self, **kwargs: Any) -> None:
        usual = {
            "label": gettext_lazy("Password"),
            "strip": False,
            "widget": PasswordWidget,
            "max_length": passwords.LONGEST,
        }
        super().__init__(**{**usual, **kwargs})

    def clean(self, value: Any) -> str:
        text = str(super().clean(value))
        if not text.isprintable():
            raise ValidationError(
                _("A password has no line breaks or other control characters."), code="invalid"
            )
        return text


class GecosField(forms.CharField):
    """The display name; the column is 64 characters of Latin-1, and vpopmail's files end it at a colon."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            **{
                "label": gettext_lazy("Display name"),
                "required": False,
                "max_length": LONGEST_GECOS,
                **kwargs,
            }
        )
        self.widget.attrs.setdefault("autocomplete", "off")

    def clean(self, value: Any) -> str:
        text = str(super().clean(value))
        if not text.isprintable() or ":" in text:
            raise ValidationError(
                _("A display name has no colon, line break or other control character."), code="invalid"
            )
        try:
            text.encode("latin-1")
        except UnicodeEncodeError as error:
            letter = text[error.start]
            raise ValidationError(
                _("vpopmail's table cannot hold “%(letter)s”: write the name in Western European letters."),
                code="invalid",
                params={"letter": letter},
            ) from error
        return text
