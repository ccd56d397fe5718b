"""Forms of mailing lists: making one, and who is on it."""

import re
from typing import Any

from crispy_forms.bootstrap import AppendedText
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.forms import helper
from accounts.list_services import LETTERS, PLAIN
from vpopmail import lists
from web.fields import AddressField, LocalPartField

SWITCHES = {
    "archived": gettext_lazy("Keep what is sent in an archive"),
    "public": gettext_lazy("People subscribe by themselves, by mail, and may read the archive"),
    "subpostonly": gettext_lazy("Only subscribers may write to it"),
    "modpost": gettext_lazy("Moderators look at each message before it is sent"),
    "modsub": gettext_lazy("Moderators decide who may subscribe"),
    "digested": gettext_lazy("Offer a digest: several messages in one"),
}
WORDS = {
    lists.SUBSCRIBERS: gettext_lazy("Subscribers"),
    lists.DIGEST: gettext_lazy("Digest subscribers"),
    lists.MODERATORS: gettext_lazy("Moderators"),
    lists.ALLOWED: gettext_lazy("May write without subscribing"),
    lists.DENIED: gettext_lazy("May not write"),
}


class MakeListForm(forms.Form):
    name = LocalPartField(max_length=64)
    owner = AddressField(
        label=gettext_lazy("Owner"),
        required=False,
        help_text=gettext_lazy("Gets what people send to the owner of the list, and what goes wrong."),
    )
    switches = forms.MultipleChoiceField(
        label=gettext_lazy("How it works"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        initial=["archived", "subpostonly"],
    )

    def __init__(self, *args: Any, domain: str, programs: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = LETTERS if programs == "idx" else PLAIN
        self.fields["switches"].choices = [(name, SWITCHES[name]) for name in names]  # type: ignore[attr-defined]
        if programs == "idx":
            self.fields["owner"].initial = f"postmaster@{domain}"
        else:
            del self.fields["owner"]
        self.helper = helper(AppendedText("name", f"@{domain}"), *[f for f in self.fields if f != "name"])


class MembersForm(forms.Form):
    """Addresses to put on a part of a list, one on each line, or one to take off."""

    part = forms.ChoiceField(
        required=False, choices=[(part, WORDS[part]) for part in lists.PARTS], widget=forms.HiddenInput
    )
    add = forms.CharField(
        label=gettext_lazy("Add addresses"),
        required=False,
        max_length=20_000,
        widget=forms.Textarea({"rows": 3, "spellcheck": "false", "autocapitalize": "none"}),
        help_text=gettext_lazy("One on each line. They are on the list at once and are not asked."),
    )
    remove = forms.CharField(required=False, max_length=200, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = helper("part", "add")

    def clean_add(self) -> list[str]:
        texts = [text for text in re.split(r"[\s,;]+", self.cleaned_data["add"]) if text]
        if len(texts) > lists.MOST_ADDRESSES:
            raise ValidationError(
                _("At most %(most)d addresses at once."), params={"most": lists.MOST_ADDRESSES}
            )
        return list(dict.fromkeys(self._address(text) for text in texts))

    def _address(self, text: str) -> str:
        try:
            return str(AddressField().clean(text))
        except ValidationError as error:
            raise ValidationError(
                "%(text)s: %(reason)s", params={"text": text, "reason": " ".join(error.messages)}
            ) from error

    def clean_remove(self) -> list[str]:
        return [self.cleaned_data["remove"]] if self.cleaned_data["remove"] else []
