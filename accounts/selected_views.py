"""The page through which several accounts of a list are changed: what will be done to which of them, what
will not and why; one POST does it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts import selected
from accounts.account_views import get_or_post
from accounts.forms import posted
from accounts.selected import Result, Selected
from accounts.selected_forms import form_for
from vpopmail import open_sessions, plans
from web.access import get_domain, needs
from web.confirm import needs_confirmation
from web.feedback import tell, tell_deleted


@get_or_post
@needs("vpopmail.change_account")
def selected_accounts(request: HttpRequest, domain: str) -> HttpResponse:
    """Disable, enable, quota or flags."""
    action = _sent(request).get("action", "")
    if action not in (selected.DISABLE, selected.ENABLE, selected.QUOTA, selected.FLAGS):
        action = selected.DISABLE
    return _change(request, get_domain(request, domain).real, action)


@get_or_post
@needs("vpopmail.delete_account")
@needs_confirmation
def delete_selected(request: HttpRequest, domain: str) -> HttpResponse:
    return _change(request, get_domain(request, domain).real, selected.DELETE)


def _sent(request: HttpRequest) -> Any:
    return request.POST if request.method == "POST" else request.GET


def _change(request: HttpRequest, domain: str, action: str) -> HttpResponse:
    rows = selected.select(request.user, domain, _sent(request).getlist("name"), action)
    form = form_for(action, posted(request), request.user, rows)
    if not rows:
        messages.info(request, _("Nothing was selected, or it is there no more: tick accounts in the list."))
        return redirect("domain", domain)
    if form.is_valid():
        result = selected.perform(request.user, action, rows, _seen(request), form.values)
        _tell(request, action, result)
        rows = _left(request, domain, action, rows)
        if not rows:
            return redirect("domain", domain)
    return _page(request, domain, action, rows, form)


def _seen(request: HttpRequest) -> dict[str, str]:
    """What the person saw of each account, by name."""
    names, seen = request.POST.getlist("name"), request.POST.getlist("seen")
    return dict(zip((name.lower() for name in names), seen, strict=False))


def _left(request: HttpRequest, domain: str, action: str, rows: Sequence[Selected]) -> list[Selected]:
    """Those to which nothing was done, as they are now, with the reason."""
    failed = {row.account.name.lower(): row.failed for row in rows if row.failed}
    now = selected.select(request.user, domain, list(failed), action)
    for row in now:
        row.failed = failed[row.account.name.lower()]
    return now


def _tell(request: HttpRequest, action: str, result: Result) -> None:
    done, same = len(result.done), len(result.unchanged)
    if done:
        text = ngettext("%(n)d account was changed.", "%(n)d accounts were changed.", done)
        if action == selected.DELETE:
            text = ngettext("%(n)d account was deleted.", "%(n)d accounts were deleted.", done)
        (tell_deleted if action == selected.DELETE else tell)(request, text % {"n": done}, result.outcome)
    if same:
        text = ngettext("%(n)d account is so already.", "%(n)d accounts are so already.", same)
        messages.info(request, text % {"n": same})


def _page(
    request: HttpRequest, domain: str, action: str, rows: Sequence[Selected], form: Any
) -> HttpResponse:
    open_rows = [row for row in rows if row.is_open]
    accounts = [row.account for row in open_rows]
    context = {
        "domain": domain,
        "action": action,
        "rows": rows,
        "open_rows": open_rows,
        "form": form,
        "plan": plans.plan_vdelusers(domain, accounts) if action == selected.DELETE and accounts else None,
        "open_sessions": open_sessions.note() if action in (selected.DISABLE, selected.DELETE) else "",
    }
    return render(request, "accounts/selected.html", context)
