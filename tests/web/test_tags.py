"""How pages show addresses, states, times and sizes."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.template import Context, Template
from django.utils import timezone

from vpopmail.listing import Count
from vpopmail.usage import Usage


def shown(tag: str, **context: Any) -> str:
    return Template("{% load panel %}" + tag).render(Context(context)).strip()


def words(html: str) -> str:
    return " ".join(re.sub(r"<[^>]*>", " ", html.replace("<wbr>", "")).split())


def test_an_address_wraps_and_can_be_copied() -> None:
    html = shown("{% address a href='/there/' %}", a="anna.b@example.com")
    assert "anna.<wbr>b<wbr>@example.<wbr>com" in html
    assert 'data-copy="anna.b@example.com"' in html
    assert 'aria-label="Copy anna.b@example.com"' in html
    assert '<a href="/there/">' in html
    assert "<button" not in shown("{% address a copy=False %}", a="anna@example.com")


def test_idn_is_shown_in_unicode_with_the_stored_form_beside_it() -> None:
    html = shown("{% address a %}", a="anna@xn--mller-kva.example")
    assert words(html) == "anna@müller.example anna@xn--mller-kva.example"
    assert 'data-copy="anna@xn--mller-kva.example"' in html


def test_nothing_escapes_the_escaping() -> None:
    html = shown("{% address a href=a %}", a='"><script>@x.y')
    assert "<script>" not in html and '""' not in html


@dataclass
class Somebody:
    gid: int
    name: str = "anna"
    passwd: str = "$6$"
    shell: str = "1000S"
    usage: Usage | None = None


def test_a_full_mailbox_is_a_state() -> None:
    html = shown("{% state account %}", account=Somebody(0, usage=Usage(1000, 1)))
    assert "Over quota" in html
    assert "Over quota" not in shown("{% state account %}", account=Somebody(0, usage=Usage(999, 1)))


@pytest.mark.parametrize(
    "gid, name, text",
    [
        (0, "anna", "Active"),
        (0x2, "anna", "Restricted: no POP"),
        (0x2 | 0x8, "anna", "Restricted: no POP, no IMAP"),
        (0x2 | 0x4 | 0x8 | 0x800, "anna", "Disabled"),
        (0x1000, "anna", "Active Administrator"),
        (0, "postmaster", "Active Administrator"),
        (0x10, "anna", "Active Bounces mail"),
        (0x80, "anna", "Active"),
    ],
)
def test_states_are_words(gid: int, name: str, text: str) -> None:
    html = shown("{% state account %}", account=Somebody(gid, name))
    assert words(html) == text
    assert (
        html.count("<svg") == len(re.findall("[A-Z][a-z]+ ?(?:mail)?", text)) - text.count("no ")
        or "<svg" in html
    )


@pytest.mark.parametrize(
    "ago, text",
    [
        (0, "just now"),
        (90, "1 minute ago"),
        (7200, "2 hours ago"),
        (86400 * 15, "2 weeks ago"),
        (-7300, "in 2 hours"),
    ],
)
def test_times_are_relative_with_the_exact_one_on_hover(ago: int, text: str) -> None:
    moment = timezone.now() - timedelta(seconds=ago)
    html = shown("{% when t %}", t=moment)
    assert words(html).replace("\xa0", " ") == text
    assert f'datetime="{moment.isoformat(timespec="microseconds")[:16]}' in html
    assert "title=" in html


def test_seconds_are_taken_and_nothing_is_never() -> None:
    assert "2001-09-09T01:46:40" in shown("{% when t %}", t=1_000_000_000)
    assert "2001" in shown("{% when t %}", t=datetime(2001, 1, 1, tzinfo=UTC))
    assert words(shown("{% when t %}", t=0)) == "Never"
    assert words(shown("{% when t never='Never signed in' %}", t=None)) == "Never signed in"


@pytest.mark.parametrize(
    "number, text",
    [
        (0, "0 bytes"),
        (1, "1 byte"),
        (1023, "1023 bytes"),
        (1024, "1 KB"),
        (1536, "1.5 KB"),
        (1503238553, "1.4 GB"),
        (2**31, "2 GB"),
        (2**60, "1024 PB"),
    ],
)
def test_sizes_in_units_people_read(number: int, text: str) -> None:
    html = shown("{% size n %}", n=number)
    assert words(html) == text
    assert f'title="{number:,} byte' in html
    assert shown("{% size n %}", n=None) == "–"


@pytest.mark.parametrize(
    "number, text",
    [
        (1234, "1,234"),
        (Count(5), "5"),
        (Count(1000, more=True), "1,000+"),
        (Count(70000, about=True), "about 70,000"),
    ],
)
def test_numbers_say_how_sure_they_are(number: Any, text: str) -> None:
    assert words(shown("{% count n %}", n=number)) == text


def test_the_command_line_is_there_to_copy() -> None:
    for line in ("vadduser 'a b'", "manage.py vadduser 'a b'"):
        html = shown("{% command c %}", c=line)
        assert 'data-copy="manage.py vadduser &#x27;a b&#x27;"' in html
        assert html.startswith("<details")
