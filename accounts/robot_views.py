"""Pages of autoresponders: a domain's list, adding one, changing it, deleting it."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from accounts import robot_services as services
from accounts import vacation_words
from accounts.account_views import get_or_post
from accounts.forms import posted
from accounts.masks import CREATE, DELETE, MODIFY, denies
from accounts.reports import journal_of
from accounts.robot_forms import RobotForm
from vpopmail import answers
from vpopmail.answers import Robot
from vpopmail.engines.base import Changed, NotFound, VpopmailError
from vpopmail.robots import robots_of
from web.access import get_domain, needs
from web.feedback import refuse, tell, tell_unchanged
from web.paging import KeysetPage, position


@needs("vpopmail.view_alias")
def autoresponders(request: HttpRequest, domain: str) -> HttpResponse:
    """The autoresponders of a domain, by name."""
    found = get_domain(request, domain)
    if found.real != domain:
        return redirect("autoresponders", found.real)
    after = position(request)
    part = robots_of(found.real, after=after)
    page = KeysetPage(part.rows, part.next_after, after)
    context = {"domain": found, "tab": "autoresponders", "page": page, "program": answers.program()}
    context |= _denied(request, found.real)
    return render(request, "accounts/autoresponders.html", context)


@get_or_post
@needs("vpopmail.add_alias")
def add_autoresponder(request: HttpRequest, domain: str) -> HttpResponse:
    real, status = get_domain(request, domain).real, 200
    form = RobotForm(posted(request), domain=real)
    if form.is_valid():
        name = form.cleaned_data["name"]
        try:
            outcome = services.add_autoresponder(
                actor=request.user, domain=real, name=name, wanted=form.wanted
            )
        except VpopmailError as error:
            status = refuse(form, error)
        else:
            tell(request, _("%(address)s answers now.") % {"address": f"{name}@{real}"}, outcome)
            return redirect("autoresponders", real)
    context = {"domain": real, "form": form, **_about_program()}
    return render(request, "accounts/add_autoresponder.html", context, status=status)


def _denied(request: HttpRequest, domain: str) -> dict[str, bool]:
    """What the domain's mask denies this person, so that no button offers it."""
    bits = {"denied_add": CREATE, "denied_change": MODIFY, "denied_delete": DELETE}
    return {name: denies(request.user, domain, "perm_autoresponder", bit) for name, bit in bits.items()}


def _about_program() -> dict[str, object]:
    found = answers.program()
    return {"program": found, "hint": vacation_words.hint_of(found, robot=True)}


def _find(domain: str, name: str) -> Robot:
    try:
        return services.find_robot(domain, name)
    except NotFound as error:
        raise Http404(error.message) from error


@get_or_post
@needs("vpopmail.change_alias")
def change_autoresponder(request: HttpRequest, domain: str, alias: str) -> HttpResponse:
    real, status = get_domain(request, domain).real, 200
    robot = _find(real, alias)
    form = RobotForm(posted(request), domain=real, robot=robot)
    if form.is_valid():
        if not form.is_new:
            tell_unchanged(request)
            return redirect("autoresponders", real)
        saved = _save(request, form, robot)
        if saved == 302:
            return redirect("autoresponders", real)
        status = saved
    entries = journal_of(request, robot.address)
    context = {"domain": real, "robot": robot, "form": form, "entries": entries, **_about_program()}
    context |= _denied(request, real)
    return render(request, "accounts/autoresponder.html", context, status=status)


def _save(request: HttpRequest, form: RobotForm, robot: Robot) -> int:
    """302 when it was done, else the status of the page that says why not."""
    try:
        outcome = services.change_autoresponder(
            actor=request.user,
            domain=robot.domain,
            name=robot.name,
            wanted=form.wanted,
            expected=form.cleaned_data["seen"],
        )
    except VpopmailError as error:
        status = refuse(form, error)
        if isinstance(error, Changed):
            form.renew(_find(robot.domain, robot.name))
        return status
    tell(request, _("The autoresponder was saved."), outcome)
    return 302


@get_or_post
@needs("vpopmail.delete_alias")
def delete_autoresponder(request: HttpRequest, domain: str, alias: str) -> HttpResponse:
    real, status = get_domain(request, domain).real, 200
    robot = _find(real, alias)
    if request.method == "POST":
        try:
            outcome = services.delete_autoresponder(actor=request.user, domain=real, name=robot.name)
        except VpopmailError as error:
            messages.error(request, error.message)
        else:
            tell(request, _("%(address)s answers no more.") % {"address": robot.address}, outcome)
            return redirect("autoresponders", real)
    context = {"domain": real, "robot": robot}
    return render(request, "accounts/delete_autoresponder.html", context, status=status)
