"""Pages of mailing lists: those of a domain, making one, one with those who are on it."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts import list_services
from accounts.account_views import get_or_post
from accounts.forms import posted
from accounts.list_forms import SWITCHES, WORDS, MakeListForm, MembersForm
from vpopmail import lists
from vpopmail.assigned import AssignedDomain
from vpopmail.engines.base import NotFound, Outcome, VpopmailError
from web.access import demand, get_domain, needs
from web.feedback import refuse, tell, tell_unchanged
from web.paging import KeysetPage, position


@needs("vpopmail.view_alias")
def mailing_lists(request: HttpRequest, domain: str) -> HttpResponse:
    """The mailing lists of a domain with the number of their subscribers."""
    found = get_domain(request, domain)
    if found.real != domain:
        return redirect("mailing-lists", found.real)
    after = position(request)
    part = lists.lists_of(found.real, after)
    context = {
        "domain": found,
        "tab": "lists",
        "page": KeysetPage(part.rows, part.next_after, after),
        "programs": part.programs,
    }
    return render(request, "accounts/mailing_lists.html", context)


@get_or_post
@needs("vpopmail.add_alias")
def add_mailing_list(request: HttpRequest, domain: str) -> HttpResponse:
    found = get_domain(request, domain)
    programs = lists.lists_of(found.real, limit=1).programs
    form = MakeListForm(posted(request), domain=found.real, programs=programs)
    status = 200
    if form.is_valid():
        data = form.cleaned_data
        try:
            outcome = list_services.make_list(actor=request.user, domain=found.real, **data)
        except VpopmailError as error:
            status = refuse(form, error, "name")
        else:
            url = reverse("mailing-list", args=[found.real, data["name"]])
            text = _("was added. Nobody is on it yet.")
            tell(request, format_html("{}@{} {}", data["name"], found.real, text), outcome)
            return redirect(url)
    context = {"domain": found, "tab": "lists", "form": form, "programs": programs}
    return render(request, "accounts/add_mailing_list.html", context, status=status)


@get_or_post
@needs("vpopmail.view_alias")
def mailing_list(request: HttpRequest, domain: str, alias: str) -> HttpResponse:
    """A list with those who are on a part of it; a POST puts people on it or takes one off."""
    found = get_domain(request, domain)
    if request.method == "POST":
        demand(request, list_services.CHANGE, found)
    part = _part((request.POST if request.method == "POST" else request.GET).get("part", ""))
    form = MembersForm(posted(request), initial={"part": part})
    if not form.is_valid():
        return _page(request, found, alias, form)
    add, remove = form.cleaned_data["add"], form.cleaned_data["remove"]
    try:
        outcome = list_services.change_members(
            actor=request.user, domain=found.real, name=alias, part=part, add=add, remove=remove
        )
    except VpopmailError as error:
        return _page(request, found, alias, form, refuse(form, error, "add"))
    _say(request, outcome, add, remove)
    url = reverse("mailing-list", args=[found.real, alias])
    return redirect(f"{url}?part={part}" if part else url)


def _part(text: str) -> str:
    return text if text in lists.PARTS else lists.SUBSCRIBERS


def _say(request: HttpRequest, outcome: Outcome, add: list[str], remove: list[str]) -> None:
    if remove:
        text = _("%(address)s is not on the list any more.") % {"address": remove[0]}
        tell(request, text, outcome)
    elif add:
        text = ngettext("%(n)d address is on the list.", "%(n)d addresses are on the list.", len(add))
        tell(request, text % {"n": len(add)}, outcome)
    else:
        tell_unchanged(request)


def _page(
    request: HttpRequest, domain: AssignedDomain, name: str, form: MembersForm, status: int = 200
) -> HttpResponse:
    part, after = _part(str(form["part"].value() or "")), position(request)
    try:
        members = lists.members_of(domain.real, name, part, after=after)
    except NotFound as error:
        raise Http404(
            _("There is no mailing list %(name)s@%(domain)s.") % {"name": name, "domain": domain.real}
        ) from error
    found = members.found
    context = {
        "domain": domain,
        "found": found,
        "form": form,
        "part": part,
        "parts": [(key, words, found.numbers[key]) for key, words in WORDS.items()],
        "part_words": WORDS[part],
        "switches": [words for key, words in SWITCHES.items() if key in found.switches],
        "page": KeysetPage(members.addresses, members.next_after, after),
        "programs": members.programs,
    }
    return render(request, "accounts/mailing_list.html", context, status=status)
