"""The helper is standard library only, and every file stays small."""

import ast
import sys
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[2] / "mailhost"


def test_only_the_standard_library_is_imported():
    allowed = sys.stdlib_module_names | {"mailhost"}
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                assert node.level == 0, f"{path.name}: relative import"
                names = [node.module or ""]
            else:
                continue
            for name in names:
                assert name.split(".")[0] in allowed, f"{path.name} imports {name}"


def test_it_starts_without_any_installed_package():
    import subprocess

    argv = [
        sys.executable,
        "-I",
        "-S",
        "-c",
        f"import sys; sys.path.insert(0, {str(PACKAGE.parent)!r}); import mailhost.__main__, mailhost.client",
    ]
    subprocess.run(argv, check=True, cwd="/")
