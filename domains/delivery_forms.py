"""The form of a domain's default delivery: what happens to mail for addresses that are nobody's."""

from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from vpopmail.assigned import AssignedDomain, domains
from vpopmail.delivery import DomainDelivery
from vpopmail.models import find_account
from web.fields import AddressField, DomainField, LocalPartField

CHOICES = (
    ("bounce", gettext_lazy("Bounce it: the sender is told that there is nobody of that name")),
    ("account", gettext_lazy("Deliver it to one account of this domain")),
    ("address", gettext_lazy("Send it on to one address")),
    ("other", gettext_lazy("Send it on to the same name in another domain")),
    ("delete", gettext_lazy("Delete it without a word: a mistyped address is never noticed")),
)
KEEP = ("keep", gettext_lazy("Leave it as it is"))
LACKING = {
    "account": gettext_lazy("Type the name of the account that gets this mail."),
    "address": gettext_lazy("Type the address that gets this mail."),
    "other": gettext_lazy("Type the other domain."),
}


class DeliveryForm(forms.Form):
    """`now` is the delivery as it stands; `seen` is its content as the person saw it."""

    unknown = forms.ChoiceField(label=gettext_lazy("What is to happen to it"), widget=forms.RadioSelect)
    account = LocalPartField(label=gettext_lazy("Account"), required=False, max_length=64)
    address = AddressField(
        required=False,
        help_text=gettext_lazy("It will get much spam, also when it belongs to somebody else’s server."),
    )
    other = DomainField(
        label=gettext_lazy("Other domain"),
        required=False,
        help_text=gettext_lazy("What is sent to anybody@ here goes on to anybody@ there."),
    )
    replace = forms.BooleanField(
        label=gettext_lazy("Replace the line that is there"),
        required=False,
        help_text=gettext_lazy(
            "vpopmail then delivers the domain’s mail itself. The panel can put the line back only "
            "where the mail host "
            "allows programs."
        ),
    )
    seen = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)

    def __init__(self, *args: Any, domain: AssignedDomain, now: DomainDelivery, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.domain, self.now = domain, now
        own = [] if now.unknown else [KEEP]
        self.fields["unknown"].choices = [*own, *CHOICES]  # type: ignore[attr-defined]
        if now.is_own or not now.lines:
            del self.fields["replace"]
        self.initial = _initial(domain, now)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        chosen = data.get("unknown", "")
        for name, words in LACKING.items():
            if name != chosen:
                self.errors.pop(name, None)  # typed before another choice was made, and out of sight now
            elif not data.get(name) and name not in self.errors:
                self.add_error(name, words)
        return data

    @property
    def value(self) -> str:
        """What domains.delivery_services.change_delivery is given; "" to leave it as it is."""
        data, chosen = self.cleaned_data, self.cleaned_data["unknown"]
        if chosen in ("bounce", "delete"):
            return str(chosen)
        made = {
            "account": f"{data.get('account')}@{self.domain.real}",
            "address": data.get("address"),
            "other": f"@{data.get('other')}",
        }
        return str(made.get(chosen, ""))

    @property
    def is_new(self) -> bool:
        return bool(self.value) and self.value != self.now.unknown

    def renew(self, now: DomainDelivery) -> None:
        """After "changed meanwhile": the person's own choice on top of what is there now."""
        data = QueryDict(mutable=True)
        data.update({name: str(self.data.get(name, "")) for name in ("unknown", *LACKING)})
        data["seen"] = now.seen
        self.now, self.data = now, data

    @property
    def program(self) -> str:
        """The command that does the same."""
        return f"vmakedotqmail -d {self.domain.real} -q {self.now.unknown or 'bounce'}"


def _initial(domain: AssignedDomain, now: DomainDelivery) -> dict[str, str]:
    name, _at, at = now.unknown.rpartition("@")
    found = {"seen": now.seen}
    if now.kind in ("bounce", "delete"):
        return found | {"unknown": now.kind}
    if now.kind == "domain":
        return found | {"unknown": "other", "other": at}
    if now.kind != "address":
        return found | {"unknown": "keep"}
    real = domains().real(at)
    if at == domain.real and real and find_account(real.name, name):
        return found | {"unknown": "account", "account": name}
    return found | {"unknown": "address", "address": now.unknown}


def sentence(now: DomainDelivery) -> str:
    """What happens now, for people."""
    target = {"target": now.target}
    sentences = {
        "bounce": _("It is bounced: the sender is told that there is nobody of that name."),
        "delete": _("It is deleted without a word."),
        "address": _("It goes to %(target)s.") % target,
        "domain": _("It goes to the same name at %(target)s.") % target,
        "directory": _("It is put into the directory %(target)s, past quota and lock of the account there.")
        % target,
        "lost": _("The file holds nothing but remarks: all mail of this domain vanishes."),
        "broken": _("vpopmail cannot read the file: all mail of this domain waits and then bounces."),
        "foreign": _("Another program delivers all mail of this domain, so it decides as well."),
        "missing": _(
            "The file that says so is missing: no address of this domain gets mail, also those that exist."
        ),
    }
    if not now.readable:
        return _("The panel may not read the file that says so.")
    if now.kind == "unclear" and now.target:
        return _("vpopmail sends it to “%(target)s”, which is no address. It was probably mistyped.") % target
    return sentences.get(now.kind, "")
