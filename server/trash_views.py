"""Pages of the trash: what lies in it, bringing something back, emptying it before its time."""

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from audit.models import Entry
from server import trash_services
from server.trash_forms import MERGE, SAME, ConfirmForm, RestoreForm
from server.trash_listing import contents_of, with_journal
from vpopmail import trash as parked_things
from vpopmail.engines.base import NotFound, Refused, VpopmailError
from vpopmail.models import find_account
from vpopmail.trash import Parked
from web.access import needs
from web.confirm import needs_confirmation
from web.feedback import refuse, tell
from web.paging import KeysetPage, position

get_or_post = require_http_methods(["GET", "HEAD", "POST"])


@needs("vpopmail.view_trash")
def trash(request: HttpRequest) -> HttpResponse:
    """The newest first."""
    after = position(request)
    found = parked_things.page(after)
    page = KeysetPage(with_journal(found.rows), found.next, after)
    return render(request, "server/trash.html", {"page": page, "may_forget": found.may_forget})


@needs("vpopmail.view_trash")
def trash_entry(request: HttpRequest, key: str) -> HttpResponse:
    """One entry: what it holds, and what can be done with it."""
    return render(request, "server/trash_entry.html", _facts(_find(key)))


@get_or_post
@needs("vpopmail.change_trash")
def restore(request: HttpRequest, key: str) -> HttpResponse:
    """What comes back, and how; one POST does it."""
    parked = _find(key)
    form = _restore_form(request, parked)
    status = 200
    if form.is_valid():
        choice = form.choice() if isinstance(form, RestoreForm) else {}
        try:
            outcome = trash_services.restore(actor=request.user, key=key, **choice)
        except VpopmailError as error:
            status = refuse(form, error)
        else:
            tell(request, _told(parked, choice.get("name") or parked.name), outcome)
            return redirect("trash")
    return render(request, "server/restore.html", {**_facts(parked), "form": form}, status=status)


@get_or_post
@needs("vpopmail.delete_trash")
@needs_confirmation
def empty_trash(request: HttpRequest, key: str) -> HttpResponse:
    """What would be gone for good; one POST removes it."""
    parked = _find(key)
    form, status = ConfirmForm(request.POST if request.method == "POST" else None), 200
    if form.is_valid():
        try:
            outcome = trash_services.empty(actor=request.user, key=key)
        except VpopmailError as error:
            status = refuse(form, error)
        else:
            tell(request, _("%(name)s was removed for good.") % {"name": parked.target}, outcome)
            return redirect("trash")
    return render(request, "server/empty_trash.html", {**_facts(parked), "form": form}, status=status)


def _find(key: str) -> Parked:
    """404 when its time is over, or somebody was faster."""
    try:
        return parked_things.find(key)
    except (NotFound, Refused) as error:
        raise Http404(error.message) from error


def _facts(parked: Parked) -> dict[str, object]:
    entry = Entry.objects.filter(key=parked.source).first()
    return {"parked": parked, "entry": entry, "contents": contents_of(parked)}


def _restore_form(request: HttpRequest, parked: Parked) -> forms.Form:
    data = request.POST if request.method == "POST" else None
    if parked.is_domain:
        return ConfirmForm(data)
    taken = not parked.recorded or _is_taken(parked)
    return RestoreForm(data, initial={"how": MERGE if taken else SAME})


def _is_taken(parked: Parked) -> bool:
    try:
        return find_account(parked.domain, parked.name) is not None
    except VpopmailError:
        return False


def _told(parked: Parked, name: str) -> str:
    """That it is back, with a link to it."""
    if parked.is_domain:
        url, shown = reverse("domain", args=[parked.domain]), parked.domain
    else:
        url, shown = reverse("account", args=[parked.domain, name]), f"{name}@{parked.domain}"
    return format_html('<a href="{}">{}</a> {}', url, shown, _("was brought back."))
