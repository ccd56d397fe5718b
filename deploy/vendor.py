"""Fetch what the pages are dressed with from npm and write it, with a manifest of versions and hashes, to
static/vendor/.

Run it by hand to move to other versions (`python deploy/vendor.py`, needs npm), then commit the result: a
clone needs no npm and
no network, a browser no other host than the panel's. There is no build step; files are taken as published,
less the line that
names a source map.
"""

import hashlib
import json
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

TARGET = Path(__file__).resolve().parent.parent / "static" / "vendor"
LARGEST = 1024 * 1024  # bytes; a larger file has no place in a page

# package → (version, licence, {path in the package: path in static/vendor})
PACKAGES: dict[str, tuple[str, str, dict[str, str]]] = {
    "@tabler/core": (
        "1.6.1",
        "MIT",
        {"dist/css/tabler.min.css": "tabler.min.css", "dist/js/tabler.min.js": "tabler.min.js"},
    ),
    "htmx.org": ("2.0.11", "0BSD", {"dist/htmx.min.js": "htmx.min.js", "LICENSE": "htmx.LICENSE.txt"}),
    "@fontsource-variable/ibm-plex-sans": (
        "5.3.0",
        "OFL-1.1",
        {
            "files/ibm-plex-sans-latin-wght-normal.woff2": "plex-sans-latin.woff2",
            "files/ibm-plex-sans-latin-ext-wght-normal.woff2": "plex-sans-latin-ext.woff2",
            "LICENSE": "plex-sans.LICENSE.txt",
        },
    ),
    "@fontsource/ibm-plex-mono": (
        "5.3.0",
        "OFL-1.1",
        {
            "files/ibm-plex-mono-latin-400-normal.woff2": "plex-mono-latin.woff2",
            "files/ibm-plex-mono-latin-600-normal.woff2": "plex-mono-latin-bold.woff2",
            "LICENSE": "plex-mono.LICENSE.txt",
        },
    ),
}
ICONS = ("@tabler/icons", "3.52.0", "MIT")
ICON_NAMES = """
    activity alert-triangle arrow-forward arrow-left arrow-right at ban check chevron-down chevron-left
    chevron-right circle-check circle-dashed circle-half-2 circle-x clock contrast copy database eraser
    external-link eye eye-off file filter folder gauge inbox info-circle key layout-dashboard link lock logout
    mail mail-forward mailbox menu-2 moon pencil plus refresh replace search server shield shield-check star
    sun tag terminal-2 trash user users wand world x
"""
_SOURCE_MAP = re.compile(rb"\n?/[/*][#@] sourceMappingURL=[^\n]*")


def fetch(package: str, version: str, where: Path) -> Path:
    """Unpack one package of npm's registry below `where` and return its directory."""
    command = ["npm", "pack", "--silent", f"{package}@{version}", "--pack-destination", str(where)]
    name = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()[-1]  # noqa: S603
    into = where / name.removesuffix(".tgz")
    with tarfile.open(where / name) as archive:
        archive.extractall(into, filter="data")
    return into / "package"


def sprite(package: Path) -> bytes:
    """One SVG file with a symbol for each icon; `{% icon %}` of web.templatetags.panel refers to them."""
    symbols = []
    for name in ICON_NAMES.split():
        svg = (package / "icons" / "outline" / f"{name}.svg").read_text()
        body = re.sub(r"<!--.*?-->", "", svg, flags=re.DOTALL)
        inside = re.search(r"<svg[^>]*>(.*)</svg>", body, re.DOTALL)
        if inside is None:
            sys.exit(f"{name}: not the SVG that was expected")
        symbols.append(f'<symbol id="{name}" viewBox="0 0 24 24">{" ".join(inside[1].split())}</symbol>')
    return ('<svg xmlns="http://www.w3.org/2000/svg">\n' + "\n".join(symbols) + "\n</svg>\n").encode()


def write(name: str, content: bytes, source: str, version: str, licence: str) -> dict[str, object]:
    content = _SOURCE_MAP.sub(b"", content).rstrip(b"\n") + b"\n" if name.endswith(("css", "js")) else content
    if len(content) > LARGEST:
        sys.exit(f"{name}: {len(content)} bytes are too many")
    (TARGET / name).write_bytes(content)
    return {
        "file": name,
        "package": source,
        "version": version,
        "licence": licence,
        "bytes": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
    }


def main() -> None:
    shutil.rmtree(TARGET, ignore_errors=True)
    TARGET.mkdir()
    rows = []
    with tempfile.TemporaryDirectory() as temporary:
        where = Path(temporary)
        for package, (version, licence, files) in PACKAGES.items():
            root = fetch(package, version, where)
            rows += [
                write(to, (root / path).read_bytes(), package, version, licence) for path, to in files.items()
            ]
        rows.append(write("icons.svg", sprite(fetch(*ICONS[:2], where)), *ICONS))
    (TARGET / "manifest.json").write_text(
        json.dumps(sorted(rows, key=lambda row: str(row["file"])), indent=1) + "\n"
    )
    for row in rows:
        print(f"{row['file']}: {row['bytes']} bytes, {row['package']} {row['version']}")


if __name__ == "__main__":
    main()
