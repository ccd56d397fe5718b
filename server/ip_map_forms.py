"""The forms of the map of IP addresses."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from vpopmail import assigned, ip_map
from vpopmail.engines.base import Refused
from web.fields import DomainField


class IpMapForm(forms.Form):
    """An IP address and the domain that it is to stand for. `seen`: what it stood for when the form was
    shown."""

    ip = forms.CharField(
        label=gettext_lazy("IP address of this server"),
        max_length=45,
        help_text=gettext_lazy("The address that mail programs connect to, such as 192.0.2.7."),
        widget=forms.TextInput({"autocapitalize": "none", "spellcheck": "false"}),
    )
    domain = DomainField(
        label=gettext_lazy("Domain"),
        help_text=gettext_lazy("Whoever signs in there with a name alone is taken for one of this domain."),
    )
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, ip: str = "", domain: str = "") -> None:
        super().__init__(data, initial={"ip": ip, "domain": domain, "seen": domain})
        if ip:
            self.fields["ip"].widget.attrs["readonly"] = True

    def renew(self, domain: str) -> None:
        """Shown again after somebody else was faster: what was typed stays, what was seen is the new one."""
        self.data = {**dict(self.data.items()), "seen": domain}
        self.add_error(None, _("It is now: %(value)s") % {"value": domain or _("no domain")})

    def clean_ip(self) -> str:
        try:
            return ip_map.check_ip(self.cleaned_data["ip"])
        except Refused as error:
            raise forms.ValidationError(error.message) from error

    def clean_domain(self) -> str:
        name = str(self.cleaned_data["domain"])
        if name not in assigned.domains():
            raise forms.ValidationError(_("There is no domain %(name)s on this server.") % {"name": name})
        return name
