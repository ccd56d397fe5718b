"""Chromium against a real gunicorn on the test's store."""

import lzma
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser.person import Person
from tests.panel import Panel
from tests.served import panel, static_files

__all__ = ["panel", "static_files"]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def axe() -> str:
    """axe-core's source (4.14.1, MPL-2.0), run through the debugger: a strict CSP refuses script tags."""
    return lzma.decompress((Path(__file__).parent / "axe.min.js.xz").read_bytes()).decode()


@pytest.fixture
def person(
    chromium: Browser,
    panel: Panel,  # noqa: F811
    axe: str,
    tmp_path: Path,
) -> Iterator[Person]:
    """Somebody at a browser; at the end every page seen has had no error in its console, CSP included."""
    context = chromium.new_context(base_url=panel.url, viewport={"width": 1280, "height": 900})
    context.set_default_timeout(15_000)
    shots = Path(os.environ.get("SCREENSHOTS") or tmp_path / "screenshots")
    somebody = Person(context.new_page(), axe, shots)
    yield somebody
    somebody.page.screenshot(path=shots / "last.png")
    context.close()
    assert not somebody.complaints, "\n".join(somebody.complaints)
