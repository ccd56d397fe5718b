"""Eight people and what their addresses lead to, for the walk through every page."""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user
from django.contrib.auth.models import Permission
from django.http import HttpResponseBase
from django.test import Client
from django.urls import URLPattern, URLResolver, reverse

from accounts import services
from accounts.models import Grant, User
from accounts.second_factor import factors
from accounts.second_factor.models import AuthenticatorApp
from aliasdomains import services as aliasdomains
from audit.models import Entry
from domains import services as domains
from mailhost.answers import robot_line
from tests.fake_ezmlm import put_list
from vpopmail import ip_map
from vpopmail.aliases import get_alias
from vpopmail.assigned import domains as assigned
from vpopmail.engines import get_engine
from vpopmail.models import find_account
from vqweb.who_may import PEOPLE

PASSWORD = "Tulip-Harbour-42"
DOMAIN = "example.com"
IP = "192.0.2.7"
BY_HTTPS = ("/me/second-factor/passkey/",)  # browsers keep passkeys for nothing else
OWN_FACTOR = (f"/me/second-factor/remove/{factors.APP}/",)  # of who has one
VIEW = ("view_domain", "view_account", "view_alias", "view_aliasdomain", "view_limits", "view_entry")


@dataclass
class Cast:
    """A browser for each of PEOPLE, and the parts of addresses: example.com has the account bob, which is
    nobody's of the eight, the alias info and the alias domain example.net.
    """

    browsers: dict[str, Client] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)

    def url(self, pattern: URLPattern) -> str:
        key = self.keys.get(str(pattern.name), "0")
        parts = {"domain": DOMAIN, "name": "bob", "alias": "info", "key": key, "ip": IP}
        if pattern.name == "restore-account":
            parts["name"] = "postmaster"
        if pattern.name == "delete-alias-domain":
            parts["alias"] = "example.net"
        if pattern.name in ("autoresponder", "delete-autoresponder"):
            parts["alias"] = "answers"
        if pattern.name == "mailing-list":
            parts["alias"] = "news"
        return reverse(pattern.name or "", kwargs={k: parts[k] for k in pattern.pattern.converters})

    def ask(self, person: str, method: str, url: str) -> str:
        """The mark of the answer (vqweb.who_may); what a POST took away is there again afterwards."""
        browser = self.browsers[person]
        send = browser.get if method == "GET" else browser.post
        with enrolled(browser) if url in OWN_FACTOR else nullcontext():
            mark = mark_of(send(url, secure=url in BY_HTTPS))
        if method == "POST" and mark == "+":
            if browser.session.get("vqweb.looking_as"):
                browser.post("/looking/stop/")
            heal()
        return mark


@contextmanager
def enrolled(browser: Client) -> Iterator[None]:
    """Whoever is signed in has an app, and has shown it in this session."""
    user = get_user(browser)  # type: ignore[arg-type]
    if not user.is_authenticated:
        yield
        return
    app = AuthenticatorApp.objects.create(user_id=user.pk, name="app", confirmed=True)
    session = browser.session
    session[factors.MARK] = f"app-{app.pk}"
    session.save()
    yield
    AuthenticatorApp.objects.filter(user_id=user.pk).delete()


def mark_of(answer: HttpResponseBase) -> str:
    if answer.status_code == 302:
        to = answer.headers["Location"]
        return ">" if to.startswith(("/sign-in/?", "/admin/login/")) else "+"
    return {403: "-", 404: ".", 405: "x"}.get(answer.status_code, "+")


def patterns(resolver: URLResolver, admin: bool = False) -> Iterator[URLPattern]:
    """Every route of the panel, or those of the Django admin."""
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLPattern):
            if not admin:
                yield pattern
        elif pattern.app_name != "admin":
            yield from patterns(pattern, admin)
        elif admin:
            yield from patterns(pattern)


def heal() -> None:
    """Make again what is missing."""
    if find_account(DOMAIN, "bob") is None:
        services.add_account(actor=None, domain=DOMAIN, name="bob", password=PASSWORD, park_existing=True)
    lines = {line.line for line in get_alias(DOMAIN, "info")}
    for line in {"&bob@example.com", "&x@elsewhere.example"} - lines:
        services.add_alias(actor=None, domain=DOMAIN, alias="info", line=line)
    if not get_alias(DOMAIN, "answers"):
        line = robot_line("/usr/bin/autorespond", assigned().get(DOMAIN).directory, "answers")
        services.add_alias(actor=None, domain=DOMAIN, alias="answers", line=line)
    if ip_map.domain_of(IP) is None:
        get_engine().vipmap_add(IP, DOMAIN)
    if "example.net" not in assigned():
        aliasdomains.add_alias_domain(actor=None, real=DOMAIN, alias="example.net")


def make_cast() -> Cast:
    for name in (DOMAIN, "other.org"):
        domains.add_domain(actor=None, domain=name, password=PASSWORD)
    for name in ("anna", "ended"):
        services.add_account(actor=None, domain=DOMAIN, name=name, password=PASSWORD)
    heal()
    services.change_account(actor=None, domain=DOMAIN, name="bob", gecos="Robert")
    put_list(Path(settings.VPOPMAIL_HOME) / "domains" / DOMAIN, "news")
    cast = Cast({person: Client() for person in PEOPLE})
    for person, address in (
        ("postmaster", f"postmaster@{DOMAIN}"),
        ("stranger", "postmaster@other.org"),
        ("owner", f"anna@{DOMAIN}"),
        ("ended", f"ended@{DOMAIN}"),
    ):
        answer = cast.browsers[person].post("/sign-in/", {"username": address, "password": PASSWORD})
        assert answer.status_code == 302, address
    _administrators(cast)
    changed = Entry.objects.latest("id").key
    services.delete_account(actor=None, domain=DOMAIN, name="ended")
    deleted = Entry.objects.latest("id").key
    cast.keys |= dict.fromkeys(("activity-entry", "revert-entry"), changed)
    cast.keys |= dict.fromkeys(("trash-entry", "restore", "empty-trash"), deleted)
    domains.add_domain(actor=None, domain="third.org", password=PASSWORD)
    domains.delete_domain(actor=None, domain="third.org")
    cast.keys |= {"restore-account": Entry.objects.latest("id").key, "remove-factor": factors.APP}
    return cast


def _administrators(cast: Cast) -> None:
    """A superuser, one who may look, one whose rights hold on example.com only, and one to look after."""
    clerk = User.objects.create_user("clerk")
    for name in ("administrator", "administrator-password", "give-domain", "take-domain"):
        cast.keys[name] = clerk.username
    cast.keys["reset-administrator-factor"] = clerk.username
    everything = Permission.objects.filter(content_type__app_label__in=("vpopmail", "audit"))
    confined = User.objects.create_user("confined", confined=True)
    confined.user_permissions.set(everything)
    Grant.objects.create(user=confined, domain=DOMAIN, given_by="admin")
    viewer = User.objects.create_user("viewer")
    viewer.user_permissions.set(everything.filter(codename__in=VIEW))
    people: dict[str, Any] = {"superuser": User.objects.get(username="admin"), "viewer": viewer}
    for person, user in {**people, "confined": confined}.items():
        cast.browsers[person].force_login(user)
