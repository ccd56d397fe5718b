"""Pages that remove what lies in the trash for good: one entry, or everything."""

import hashlib

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from server import trash_services
from server.trash_forms import ConfirmForm, EmptyAllForm
from server.trash_listing import Item, everything
from server.trash_views import facts, find, get_or_post
from vpopmail import trash as parked_things
from vpopmail.engines.base import VpopmailError
from web.access import needs
from web.confirm import needs_confirmation
from web.feedback import refuse, tell

MOST_SHOWN = 20


@get_or_post
@needs("vpopmail.delete_trash")
@needs_confirmation
def empty_trash(request: HttpRequest, key: str) -> HttpResponse:
    """What would be gone for good; one POST removes it."""
    parked = find(key)
    form, status = ConfirmForm(request.POST if request.method == "POST" else None), 200
    if form.is_valid():
        try:
            outcome = trash_services.empty(actor=request.user, key=key)
        except VpopmailError as error:
            status = refuse(form, error)
        else:
            tell(request, _("%(name)s was removed for good.") % {"name": parked.target}, outcome)
            return redirect("trash")
    return render(request, "server/empty_trash.html", {**facts(parked), "form": form}, status=status)


@get_or_post
@needs("vpopmail.delete_trash")
@needs_confirmation
def empty_everything(request: HttpRequest) -> HttpResponse:
    """How much, of whom; one POST with the number typed removes it, as far as the page had shown it."""
    items, status = list(everything()), 200
    keys = [item.parked.source for item in items]
    data = request.POST if request.method == "POST" else None
    form = EmptyAllForm(data, count=len(keys), digest=_digest(keys))
    if form.is_valid():
        try:
            outcome = trash_services.empty_all(actor=request.user, keys=keys)
        except VpopmailError as error:
            status = refuse(form, error)
        else:
            text = ngettext(
                "%(n)d entry was removed for good.", "%(n)d entries were removed for good.", len(keys)
            )
            tell(request, text % {"n": len(keys)}, outcome)
            return redirect("trash")
    context = {**_sum(items), "form": form, "may_forget": parked_things.page("", 1).may_forget}
    return render(request, "server/empty_everything.html", context, status=status)


def _digest(keys: list[str]) -> str:
    return hashlib.sha256(" ".join(sorted(keys)).encode()).hexdigest()[:32]


def _sum(items: list[Item]) -> dict[str, object]:
    parked = [item.parked for item in items]
    return {
        "items": items[:MOST_SHOWN],
        "hidden": max(0, len(items) - MOST_SHOWN),
        "count": len(items),
        "whole": sum(one.is_domain for one in parked),
        "bytes": sum(one.bytes for one in parked),
        "mails": sum(one.messages for one in parked),
        "complete": all(one.complete for one in parked),
        "whose": sorted({one.domain for one in parked}),
    }
