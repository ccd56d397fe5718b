"""Forms of accounts: one for adding, a small one for each part, so that saving one never touches another."""

from typing import Any

from crispy_forms.bootstrap import AppendedText
from crispy_forms.helper import FormHelper
from crispy_forms.layout import Layout
from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest, QueryDict
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from vpopmail import passwords
from vpopmail import quota as quotas
from vpopmail.engines.base import VpopmailError
from vpopmail.models import Account
from web.fields import GecosField, LocalPartField, PasswordField, QuotaField

# What a new account may use, in the order of the boxes: value, bit that takes the service away, words.
SERVICES = (
    ("imap", 0x8, gettext_lazy("IMAP: mail programs that leave mail on the server")),
    ("pop", 0x2, gettext_lazy("POP: mail programs that fetch mail")),
    ("smtp", 0x800, gettext_lazy("SMTP: sending mail after signing in")),
    ("webmail", 0x4, gettext_lazy("Webmail: reading mail in the browser")),
)


def refuse(form: forms.Form, error: VpopmailError) -> None:
    """Put an engine's refusal beside the field it belongs to, or on top of the form."""
    name = error.field if error.field in form.fields else None
    if name and form.fields[name].widget.is_hidden:
        name = None
    form.add_error(name, error.message)


def posted(request: HttpRequest) -> QueryDict | None:
    """What a bound form is given: also a POST without any value is one."""
    return request.POST if request.method == "POST" else None


def helper(*fields: Any) -> FormHelper:
    """crispy's settings of every form here: fields only; templates write the form element and the button."""
    made = FormHelper()
    made.form_tag = False
    made.disable_csrf = True
    if fields:
        made.layout = Layout(*fields)
    return made


class _WithPassword(forms.Form):
    """A password typed, or generated: by the button in the browser (panel.js sets `generated`), or here."""

    password = PasswordField(required=False)
    generated = forms.BooleanField(required=False, widget=forms.HiddenInput)

    @property
    def shown_once(self) -> str:
        """The generated password for the page that follows; "" when the person chose one of their own."""
        return str(self.cleaned_data["password"]) if self.cleaned_data.get("generated") else ""


class AddAccountForm(_WithPassword):
    name = LocalPartField(max_length=64)
    gecos = GecosField(
        help_text=gettext_lazy("The person's name, as colleagues see it. Empty: the account's name.")
    )
    password = PasswordField(
        required=False,
        help_text=gettext_lazy("Leave it empty to have one generated; it is shown once, on the next page."),
    )
    quota = QuotaField()
    services = forms.MultipleChoiceField(
        required=False,
        label=gettext_lazy("Services"),
        choices=[(value, label) for value, _bit, label in SERVICES],
        widget=forms.CheckboxSelectMultiple,
        initial=[value for value, _bit, _label in SERVICES],
    )
    beside_alias = forms.BooleanField(
        required=False,
        label=gettext_lazy("Beside the alias"),
        help_text=gettext_lazy(
            "Make the account all the same. Mail keeps going where the alias leads; the mailbox gets none "
            "until the alias is deleted."
        ),
    )

    park_existing = forms.BooleanField(
        required=False,
        label=gettext_lazy("Move that directory to the trash"),
        help_text=gettext_lazy(
            "The account gets an empty mailbox. What lies there now is kept in the trash as after a deletion."
        ),
    )

    left = forms.ChoiceField(
        required=False,
        label=gettext_lazy("What is left of the name"),
        choices=[
            ("remove", gettext_lazy("Remove it: the account begins anew")),
            ("keep", gettext_lazy("Keep it: it belongs to the same person")),
        ],
        widget=forms.RadioSelect,
        initial="remove",
    )

    def __init__(self, *args: Any, domain: str, default_quota: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.domain = domain
        if default_quota:
            self.fields["quota"].help_text = _(
                "A size such as 2 GB or 500 MB, or NOQUOTA for no limit. "
                "Empty: the domain's default (%(quota)s)."
            ) % {"quota": default_quota}
        self.asked = [name for name in ("beside_alias", "park_existing", "left") if name in self.data]
        self._lay_out()

    @staticmethod
    def kept(query: QueryDict) -> dict[str, Any]:
        """The settings of the account before this one, from the address of "add another"."""
        if "kept" not in query:
            return {}
        return {
            "quota": query.get("quota", "")[:40],
            "services": query.getlist("services"),
        }

    @property
    def settings_query(self) -> str:
        """The query string that `kept` reads: everything that is not this one person's."""
        kept = {"kept": "1", "quota": self.data.get("quota", ""), "services": self.cleaned_data["services"]}
        return urlencode(kept, doseq=True)

    def _lay_out(self) -> None:
        """The boxes that answer a question are only there once it was asked."""
        rest = ("gecos", "password", "generated", "quota", "services")
        self.helper = helper(AppendedText("name", f"@{self.domain}"), *self.asked, *rest)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not data.get("password") and "password" not in self.errors:
            data["password"], data["generated"] = passwords.generate(), True
        return data

    def ask(self, name: str) -> None:
        """Show a box that was hidden: `beside_alias`, `park_existing` or `left`."""
        if name not in self.asked:
            self.asked.append(name)
        if name == "left":
            typed = QueryDict(mutable=True)
            typed.update(self.data)
            typed["left"] = "remove"
            self.data = typed
        self._lay_out()

    def clean_left(self) -> str:
        """Nothing chosen yet is a question, which the service asks where something is left."""
        return self.cleaned_data["left"] or "ask"

    @property
    def flags(self) -> int:
        """The bits of pw_gid that take away what is not ticked."""
        chosen = self.cleaned_data["services"]
        return sum(bit for value, bit, _label in SERVICES if value not in chosen)

    def values(self) -> dict[str, Any]:
        """What accounts.services.add_account is given."""
        names = ("name", "gecos", "password", "quota", "beside_alias", "park_existing", "left")
        return {**{name: self.cleaned_data[name] for name in names}, "flags": self.flags}


class _PartForm(forms.Form):
    """A part of an account. `seen` is what the person saw; when it no longer stands, nothing is written."""

    seen = forms.CharField(required=False, strip=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, account: Account, **kwargs: Any) -> None:
        self.account = account
        super().__init__(*args, **{"initial": {**self.shown(account), "seen": self.value(account)}, **kwargs})
        self.helper = helper()

    def renew(self, account: Account) -> None:
        """After "changed meanwhile": what was typed stays, what is there now is said."""
        self.account = account
        self.data = {**dict(self.data.items()), "seen": self.value(account)}
        self.add_error(None, _("It is now: %(value)s") % {"value": self.value(account) or _("empty")})

    @staticmethod
    def shown(account: Account) -> dict[str, Any]:
        raise NotImplementedError

    @staticmethod
    def value(account: Account) -> str:
        raise NotImplementedError


class GecosForm(_PartForm):
    gecos = GecosField()

    @staticmethod
    def shown(account: Account) -> dict[str, Any]:
        return {"gecos": account.gecos}

    @staticmethod
    def value(account: Account) -> str:
        return account.gecos or ""

    @property
    def is_new(self) -> bool:
        """Blanks around a name and line breaks in it, which another program left, go through no field: what
        was not typed is not changed."""
        return _in_a_field(self.data.get("gecos", "")) != _in_a_field(self.cleaned_data["seen"])


def _in_a_field(text: str) -> str:
    return "".join(text.splitlines()).strip()


class QuotaForm(_PartForm):
    quota = QuotaField(help_text=gettext_lazy("A size such as 2 GB or 500 MB, or NOQUOTA for no limit."))

    @staticmethod
    def shown(account: Account) -> dict[str, Any]:
        return {"quota": quotas.exact(account.shell) if account.shell else ""}

    @staticmethod
    def value(account: Account) -> str:
        return account.shell or ""

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("quota") == "" and data.get("seen"):
            self.add_error("quota", _("Type a size, or NOQUOTA for no limit."))
        return data

    @property
    def is_new(self) -> bool:
        """A stored text that vpopmail would write otherwise ("5000", "10M") stays while it means the same."""
        seen = self.cleaned_data["seen"]
        same = quotas.text_of(quotas.bytes_of(seen), quotas.messages_of(seen)) if seen else ""
        return self.cleaned_data["quota"] not in (seen, same)


class PasswordForm(_WithPassword):
    """Here an empty field is refused: a click too many must not lock anybody out."""

    def __init__(self, *args: Any, account: Account, **kwargs: Any) -> None:
        self.account = account
        super().__init__(*args, **kwargs)
        self.helper = helper()

    def clean_password(self) -> str:
        if not self.cleaned_data["password"]:
            raise ValidationError(_("Type one, or have one generated."), code="required")
        return str(self.cleaned_data["password"])


class DeleteAccountForm(forms.Form):
    """What becomes of the alias of the same name; the question is only asked where there is one."""

    aliases = forms.ChoiceField(
        required=False,
        label=gettext_lazy("The alias of the same name"),
        choices=[
            ("keep", gettext_lazy("Keep it: mail to the address goes on to its destinations")),
            (
                "delete",
                gettext_lazy("Delete it as well: mail to the address is treated as to any unknown one"),
            ),
        ],
        widget=forms.RadioSelect,
        initial="keep",
    )

    def clean_aliases(self) -> str:
        return self.cleaned_data["aliases"] or "keep"
