"""The form that asks for an address."""

from django import forms
from django.utils.translation import gettext_lazy as _

from web.fields import AddressField


class LeadingForm(forms.Form):
    """An address, here or elsewhere."""

    address = AddressField(label=_("Address"))
