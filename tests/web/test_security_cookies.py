"""Cookies, host names, headers, and what `check --deploy` says of a server set up as told."""

import re
import subprocess
import sys
from collections.abc import Callable
from http.cookies import Morsel
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from tests.panel import ROOT, environment
from tests.routes import ROUTES
from tests.scenery import Scenery
from tests.store import Store

pytestmark = pytest.mark.stores("sqlite")
COOKIES = {"sessionid", "csrftoken", "device"}  # the last: this browser has signed in before
CREDENTIALS = {"username": "admin", "password": "admin-pass"}


def cookies_of(client: Client, **extra: Any) -> dict[str, "Morsel[str]"]:
    """Those that somebody has after signing in and a change that says something."""
    client.get("/sign-in/", **extra)
    answer = client.post("/sign-in/", CREDENTIALS, **extra)
    assert answer.status_code == 302, answer.content.decode()
    return dict(client.cookies)


def test_over_https_cookies_belong_to_this_host_and_to_https(
    configured: Callable[..., None], admin: Any, client: Client
) -> None:
    configured(HTTPS="on")
    cookies = cookies_of(client, secure=True)
    assert set(cookies) == {f"__Host-{name}" for name in COOKIES}
    for cookie in cookies.values():
        assert (cookie["secure"], cookie["path"], cookie["domain"]) == (True, "/", "")
        assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")


def test_over_http_they_work_as_well(admin: Any, client: Client) -> None:
    cookies = cookies_of(client)
    assert set(cookies) == COOKIES
    for cookie in cookies.values():
        assert (cookie["httponly"], cookie["samesite"], cookie["secure"]) == (True, "Lax", "")


def test_no_page_sets_any_other_cookie(store: Store, admin: Any) -> None:
    scenery, client = Scenery(store, admin), Client()
    cookies_of(client)
    for route in ROUTES:
        if route.name == "sign-out":
            continue
        client.get(route.address(scenery.arguments))
        client.post(route.address(scenery.arguments))
    assert set(client.cookies) == COOKIES


def test_the_session_is_another_one_after_signing_in(admin: Any, client: Client) -> None:
    """Who put a cookie into somebody's browser before has nothing of it."""
    client.cookies["sessionid"] = "a" * 32
    cookies = cookies_of(client)
    assert cookies["sessionid"].value != "a" * 32


@pytest.mark.parametrize(
    "host", ["evil.example", "localhost.evil.example", "evil.example:80", "", "a b", "[::1"]
)
def test_no_other_host_name_is_answered(store: Store, client: Client, host: str) -> None:
    answer = client.get("/sign-in/", HTTP_HOST=host)
    assert answer.status_code == 400
    assert "evil" not in answer.content.decode()


def test_a_forwarded_host_is_not_believed(configured: Callable[..., None], client: Client) -> None:
    configured(TRUSTED_PROXIES="127.0.0.1")
    answer = client.get("/domains/", HTTP_X_FORWARDED_HOST="evil.example", HTTP_X_FORWARDED_PORT="1")
    assert answer["Location"] == "/sign-in/?next=/domains/"


def test_every_answer_has_the_headers(store: Store, admin: Any, signed_in: Client) -> None:
    scenery = Scenery(store, admin)
    for client in (signed_in, Client()):
        for route in ROUTES:
            answer = client.get(route.address(scenery.arguments))
            policy = answer["Content-Security-Policy"]
            assert "unsafe" not in policy, route.name
            assert re.match(r"default-src 'none';|.*; default-src 'none'", policy), (route.name, policy)
            assert answer["X-Frame-Options"] == "DENY", route.name
            assert answer["X-Content-Type-Options"] == "nosniff", route.name
            assert answer["Referrer-Policy"] == "same-origin", route.name
            assert answer["Cross-Origin-Opener-Policy"] == "same-origin", route.name


def test_pages_are_kept_by_no_cache(store: Store, admin: Any, signed_in: Client) -> None:
    scenery = Scenery(store, admin)
    for route in ROUTES:
        answer = signed_in.get(route.address(scenery.arguments))
        if answer.status_code == 200 and route.name != "health":
            assert "no-store" in answer.get("Cache-Control", ""), route.name


def installed(state: Path) -> dict[str, str]:
    """The settings that docs/install.md gives, with a state of the test's own."""
    text = (ROOT / "docs" / "install.md").read_text()
    block = next(part for part in text.split("```") if "\nTRUSTED_PROXIES=" in part)
    given = dict(line.split("=", 1) for line in block.strip().splitlines())
    assert {"HTTPS", "TRUSTED_PROXIES", "ALLOWED_HOSTS"} <= set(given)
    return {**given, "VQWEB_STATE": str(state)}


def test_a_server_set_up_as_told_passes_the_deployment_check(tmp_path: Path) -> None:
    argv = [sys.executable, "manage.py", "check", "--deploy", "--tag", "security", "--fail-level", "INFO"]
    done = subprocess.run(
        argv, cwd=ROOT, env=environment(installed(tmp_path), 1), capture_output=True, text=True, timeout=100
    )
    assert done.returncode == 0, done.stderr
    assert "no issues" in done.stdout
