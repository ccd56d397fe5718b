"""What pages are dressed with: nothing inline, nothing from elsewhere, nothing changed since fetched."""

import hashlib
import json
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from tests.store import Store

ROOT = Path(settings.BASE_DIR)
VENDOR = ROOT / "static" / "vendor"
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
MANIFEST = json.loads((VENDOR / "manifest.json").read_text())


def test_vendored_files_are_what_the_manifest_says() -> None:
    named = {row["file"]: row for row in MANIFEST}
    assert {path.name for path in VENDOR.iterdir()} == {*named, "manifest.json"}
    for name, row in named.items():
        content = (VENDOR / name).read_bytes()
        assert hashlib.sha256(content).hexdigest() == row["sha256"], name
        assert len(content) == row["bytes"] <= 1024 * 1024
        assert re.fullmatch(r"\d+\.\d+\.\d+", row["version"])
        assert row["licence"] in ("MIT", "0BSD", "OFL-1.1")


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT / "templates")))
def test_templates_keep_to_the_policy(path: Path) -> None:
    """The policy has no 'unsafe-inline': an inline style or script would be dropped silently."""
    text = path.read_text()
    assert not re.search(r"""\s(style|on[a-z]+|hx-on[:\w-]*|hx-vals)=["']""", text)
    assert not re.search(r"<script(?![^>]*\ssrc=)", text)
    assert "<style" not in text
    assert not re.search(r"""(?:src|href)=["'](?:https?:)?//""", text)


def test_style_and_scripts_load_nothing_from_elsewhere() -> None:
    for path in (ROOT / "static").glob("*.*s"):
        assert not re.search(r"https?://(?!www\.w3\.org/)", path.read_text()), path.name
    assert "http" not in re.sub(
        r"data:image/[^)]*",
        "",
        " ".join(re.findall(r"url\([^)]*\)", (VENDOR / "tabler.min.css").read_text())),
    )


def test_every_icon_is_in_the_sprite() -> None:
    sprite = set(re.findall(r'<symbol id="([\w-]+)"', (VENDOR / "icons.svg").read_text()))
    used = set()
    for path in TEMPLATES:
        text = path.read_text()
        used |= set(re.findall(r"""{% icon ["']([\w-]+)["']""", text)) | set(
            re.findall(r'with icon="([\w-]+)"', text)
        )
    for path in ROOT.glob("*/*.py"):
        used |= set(re.findall(r'State\(\s*_\([^)]*\),\s*"\w+",\s*"([\w-]+)"', path.read_text()))
    assert used and used <= sprite


@pytest.mark.stores("sqlite")
def test_the_policy_is_sent_and_htmx_needs_nothing_it_forbids(store: Store, client: Client) -> None:
    page = client.get("/sign-in/")
    policy = page["Content-Security-Policy"]
    assert "unsafe" not in policy and "default-src 'none'" in policy
    found = re.search(r"""<meta name="htmx-config" content='([^']*)'""", page.content.decode())
    assert found
    options = json.loads(found[1])
    assert options["includeIndicatorStyles"] is False
    assert options["allowEval"] is False
    assert options["allowScriptTags"] is False
    assert options["historyCacheSize"] == 0  # no page of one person in the next one's browser storage
