"""Pages of the trash: what lies in it, and bringing something back."""

from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from audit.models import Entry
from server import trash_services
from server.trash_forms import MERGE, OTHER, SAME, RestoreDomainForm, RestoreForm
from server.trash_listing import contents_of, with_journal
from server.trash_plan import accounts_in, plan_of
from vpopmail import assigned
from vpopmail import trash as parked_things
from vpopmail.engines.base import NotFound, Refused, VpopmailError
from vpopmail.models import find_account
from vpopmail.trash import Parked
from web.access import needs
from web.feedback import refuse, tell
from web.paging import KeysetPage, position

get_or_post = require_http_methods(["GET", "HEAD", "POST"])
MOST_ACCOUNTS = 50  # of a deleted domain, on its page


@needs("vpopmail.view_trash")
def trash(request: HttpRequest) -> HttpResponse:
    """The newest first."""
    after = position(request)
    found = parked_things.page(after)
    page = KeysetPage(with_journal(found.rows), found.next, after)
    return render(request, "server/trash.html", {"page": page, "may_forget": found.may_forget})


@needs("vpopmail.view_trash")
def trash_entry(request: HttpRequest, key: str) -> HttpResponse:
    """One entry: what it holds, and what can be done with it. Of a domain, its accounts as well."""
    parked, contains = find(key), request.GET.get("contains", "").strip().lower()
    context = facts(parked)
    if parked.is_domain and parked.recorded:
        found, more = accounts_in(parked, contains, MOST_ACCOUNTS)
        known = assigned.domains().get(parked.domain)
        context |= {
            "accounts": found,
            "more": more,
            "contains": contains,
            "there": known is not None and not known.is_alias,
        }
    return render(request, "server/trash_entry.html", context)


@get_or_post
@needs("vpopmail.change_trash")
def restore(request: HttpRequest, key: str) -> HttpResponse:
    """What comes back, and how; one POST does it."""
    parked = find(key)
    if parked.is_domain:
        return _restore_domain(request, parked)
    return _restore(request, parked, _account_form(request, parked), facts(parked))


@get_or_post
@needs("vpopmail.change_trash")
def restore_account(request: HttpRequest, key: str, name: str) -> HttpResponse:
    """The same for one account of a domain, which goes into the domain of that name that there is now."""
    whole = find(key)
    if not whole.is_domain or name not in accounts_in(whole, name, 500)[0]:
        raise Http404(_("There is no account %(name)s in it.") % {"name": name})
    parked = whole.part(name)
    context = {**facts(whole), "parked": parked, "whole": whole}
    return _restore(request, parked, _account_form(request, parked), context)


def _restore_domain(request: HttpRequest, parked: Parked) -> HttpResponse:
    if not parked.recorded:
        raise Http404(_("Its accounts were brought back; only what is no mail is left of it."))
    plan = plan_of(parked)
    form = RestoreDomainForm(_posted(request), exists=plan.exists, free=plan.is_free)
    return _restore(request, parked, form, {**facts(parked), "plan": plan})


def _restore(request: HttpRequest, parked: Parked, form: Any, context: dict[str, Any]) -> HttpResponse:
    status = 200
    if form.is_valid():
        choice, account = form.choice(), parked.name if parked.inside else ""
        try:
            outcome = trash_services.restore(actor=request.user, key=parked.source, account=account, **choice)
        except VpopmailError as error:
            status = refuse(form, error, "name" if form.cleaned_data["how"] == OTHER else None)
        else:
            tell(request, _told(parked, choice), outcome)
            return redirect("trash")
    return render(request, "server/restore.html", {**context, "form": form}, status=status)


def find(key: str) -> Parked:
    """404 when its time is over, or somebody was faster."""
    try:
        return parked_things.find(key)
    except (NotFound, Refused) as error:
        raise Http404(error.message) from error


def facts(parked: Parked) -> dict[str, Any]:
    entry = Entry.objects.filter(key=parked.source).first()
    return {"parked": parked, "entry": entry, "contents": contents_of(parked)}


def _posted(request: HttpRequest) -> Any:
    return request.POST if request.method == "POST" else None


def _account_form(request: HttpRequest, parked: Parked) -> forms.Form:
    taken = not parked.recorded or _is_taken(parked)
    return RestoreForm(_posted(request), initial={"how": MERGE if taken else SAME})


def _is_taken(parked: Parked) -> bool:
    try:
        return find_account(parked.domain, parked.name) is not None
    except VpopmailError:
        return False


def _told(parked: Parked, choice: dict[str, Any]) -> SafeString:
    """That it is back, with a link to it."""
    name = choice["name"]
    if parked.is_domain:
        shown = name or parked.domain
        url = reverse("domain", args=[shown])
    else:
        shown = f"{name or parked.name}@{parked.domain}"
        url = reverse("account", args=[parked.domain, name or parked.name])
    text = _("has its former mail again.") if choice["merge"] else _("was brought back.")
    return format_html('<a href="{}">{}</a> {}', url, shown, text)
