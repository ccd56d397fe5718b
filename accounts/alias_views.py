"""Pages of aliases: a domain's list, adding one, one alias with its lines, deleting it."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts import services
from accounts.account_views import get_or_post
from accounts.alias_forms import AliasForm, AliasLineForm, RemoveLineForm
from accounts.destinations import shown, shown_lines
from accounts.forms import posted
from accounts.reports import journal_of, page_or_part
from mailhost.names import BadName, check_local_part
from vpopmail import aliases, rules
from vpopmail.alias_kinds import UNREADABLE, is_list
from vpopmail.alias_list import page_of_aliases
from vpopmail.aliases import AliasLine
from vpopmail.assigned import AssignedDomain
from vpopmail.engines.base import Outcome, Unavailable, VpopmailError
from vpopmail.models import find_account
from vpopmail.schema import schema
from web.access import domains_of, get_domain, needs
from web.feedback import refuse, tell
from web.paging import KeysetPage, position


@needs("vpopmail.view_alias")
def domain_aliases(request: HttpRequest, domain: str) -> HttpResponse:
    """The aliases of a domain, by name; with htmx only the table comes back."""
    found = get_domain(request, domain)
    if found.real != domain:
        return redirect("domain-aliases", found.real)
    text, after = request.GET.get("q", "").strip().lower().partition("@")[0], position(request)
    part = page_of_aliases(found.real, after=after, prefix=text)
    page = KeysetPage(shown(part.rows, domains_of(request.user)), part.next_after, after)
    context = {
        "domain": found,
        "tab": "aliases",
        "page": page,
        "query_aliases": text,
        "in_table": schema().aliases == "sql",
    }
    return page_or_part(request, "accounts/domain_aliases.html", "accounts/_aliases.html", context)


@get_or_post
@needs("vpopmail.add_alias")
def add_alias(request: HttpRequest, domain: str) -> HttpResponse:
    real = get_domain(request, domain).real
    form = AliasForm(posted(request), domain=real, initial=AliasForm.given(request.GET))
    status = 200
    if form.is_valid():
        try:
            outcome = _add(request, form)
        except VpopmailError as error:
            status = _refused(form, error)
        else:
            return _saved(request, real, form.cleaned_data["alias"], outcome, _("was added."))
    return render(request, "accounts/add_alias.html", {"domain": real, "form": form}, status=status)


def _add(request: HttpRequest, form: AliasForm) -> Outcome:
    """One entry for each line. A line that an attempt before this one left is not added again."""
    domain, alias = form.domain, form.cleaned_data["alias"]
    account = find_account(domain, alias)
    lines = form.lines(account)
    if lines[1:]:
        rules.check_new_alias_line(domain, alias, lines[1])
        present = {line.line for line in aliases.get_alias(domain, alias)}
        lines = [line for line in lines if line not in present] or lines
    outcome = Outcome()
    for line in lines:
        outcome += services.add_alias(
            actor=request.user,
            domain=domain,
            alias=alias,
            line=line,
            beside_account=form.cleaned_data["beside_account"] or form.cleaned_data["keep_copy"],
        )
    return outcome


def _refused(form: AliasForm, error: VpopmailError) -> int:
    """An account of that name is a question, not an end: the box that answers it appears with the message."""
    if error.field == "name":
        error.field = "alias"
    if error.field == "alias" and find_account(form.domain, form.cleaned_data["alias"]):
        form.ask_beside_account()
    return refuse(form, error)


def status_of(error: VpopmailError) -> int:
    """The HTTP status of a page that shows an error beside no form."""
    return 503 if isinstance(error, Unavailable) else 200


def _saved(request: HttpRequest, domain: str, name: str, outcome: Outcome, sentence: str) -> HttpResponse:
    url = reverse("alias", args=[domain, name])
    tell(request, format_html('<a href="{}">{}@{}</a> {}', url, name, domain, sentence), outcome)
    return redirect(url)


def _get_alias(request: HttpRequest, domain: str, name: str) -> tuple[AssignedDomain, str, list[AliasLine]]:
    """The domain, the alias's name as stored, and its lines; 404 when there is no such alias."""
    found, name = get_domain(request, domain), name.lower()
    try:
        check_local_part(name, shortest=1)
        lines = aliases.get_alias(found.real, name)
    except BadName:
        lines = []
    if not lines:
        raise Http404(_("There is no alias %(name)s@%(domain)s.") % {"name": name, "domain": domain})
    return found, name, lines


def _alias_page(
    request: HttpRequest, lines: list[AliasLine], form: AliasLineForm, *, refused: str = "", status: int = 200
) -> HttpResponse:
    address = lines[0].address
    context = {
        "domain": lines[0].domain,
        "name": lines[0].alias,
        "address": address,
        "lines": shown_lines(lines, domains_of(request.user)),
        "form": form,
        "fixed": is_list(line.line for line in lines) or lines[0].kind == UNREADABLE,
        "in_file": lines[0].store == "files",
        "in_table": schema().aliases == "sql",
        "account": form.account,
        "refused": refused,
        "entries": journal_of(request, address),
    }
    return render(request, "accounts/alias.html", context, status=status)


def _line_form(request: HttpRequest, lines: list[AliasLine], bound: bool = False) -> AliasLineForm:
    """The form for one more line of this alias."""
    domain = lines[0].domain
    return AliasLineForm(
        posted(request) if bound else None,
        domain=domain,
        account=find_account(domain, lines[0].alias),
        lines=[line.line for line in lines],
    )


@needs("vpopmail.view_alias")
def alias(request: HttpRequest, domain: str, alias: str) -> HttpResponse:
    found, name, lines = _get_alias(request, domain, alias)
    if found.real != domain:
        return redirect("alias", found.real, name)
    return _alias_page(request, lines, _line_form(request, lines))


@get_or_post
@needs("vpopmail.change_alias")
def add_alias_line(request: HttpRequest, domain: str, alias: str) -> HttpResponse:
    found, name, lines = _get_alias(request, domain, alias)
    form, status = _line_form(request, lines, bound=True), 200
    if form.is_valid():
        line = form.cleaned_data["line"]
        try:
            outcome = services.add_alias(actor=request.user, domain=found.real, alias=name, line=line)
        except VpopmailError as error:
            status = refuse(form, error)
        else:
            return _saved(request, found.real, name, outcome, _("has one more destination."))
    return _alias_page(request, lines, form, status=status)


@require_POST
@needs("vpopmail.change_alias")
def remove_alias_line(request: HttpRequest, domain: str, alias: str) -> HttpResponse:
    """One line of several; the last one goes with the alias, on the page that says what follows."""
    found, name, lines = _get_alias(request, domain, alias)
    if len(lines) == 1:
        return redirect("delete-alias", found.real, name)
    wanted = RemoveLineForm(request.POST)
    refused, status = _("Choose the line to remove."), 400
    if wanted.is_valid():
        line = wanted.of(lines)
        try:
            outcome = services.remove_alias(actor=request.user, domain=found.real, alias=name, **line)
        except VpopmailError as error:
            refused, status = error.message, status_of(error)
        else:
            return _saved(request, found.real, name, outcome, _("has one destination less."))
    return _alias_page(request, lines, _line_form(request, lines), refused=refused, status=status)


@get_or_post
@needs("vpopmail.delete_alias")
def delete_alias(request: HttpRequest, domain: str, alias: str) -> HttpResponse:
    """What mail to the address will do then; one POST deletes."""
    found, name, lines = _get_alias(request, domain, alias)
    status, refused = 200, ""
    if request.method == "POST":
        try:
            outcome = services.delete_alias(actor=request.user, domain=found.real, alias=name)
        except VpopmailError as error:
            status, refused = status_of(error), error.message
        else:
            tell(request, _("The alias %(address)s was deleted.") % {"address": lines[0].address}, outcome)
            return redirect("domain-aliases", found.real)
    context = {
        "domain": found.real,
        "name": name,
        "address": lines[0].address,
        "lines": shown_lines(lines, domains_of(request.user)),
        "account": find_account(found.real, name),
        "refused": refused,
    }
    return render(request, "accounts/delete_alias.html", context, status=status)
