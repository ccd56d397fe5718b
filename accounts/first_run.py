"""The first administrator's password: made once, shown once, kept in a 0600 file until the first sign-in.

No Django here: gunicorn's master reads it before the application is loaded.
"""

import os
import secrets
from pathlib import Path

ADMINISTRATOR = "admin"
_FILE = "first-password"
_SHOWN = "shown"
# Without letters and digits that look alike.
_ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789"


def generate() -> str:
    """Four groups of four: 79 bits."""
    return "-".join("".join(secrets.choice(_ALPHABET) for _ in range(4)) for _ in range(4))


def keep(state: Path, password: str) -> None:
    """Write the generated password where only the owner reads it."""
    with open(os.open(state / _FILE, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(f"{password}\n")


def announcement(state: Path) -> str:
    """What to print at a start: the password once, later where it is; "" after the first sign-in."""
    path = state / _FILE
    try:
        lines = path.read_text().split()
    except OSError:
        return ""
    if _SHOWN in lines:
        return f"The first password of {ADMINISTRATOR} is in {path} until the first sign-in.\n"
    with open(path, "a") as file:
        file.write(f"{_SHOWN}\n")
    note = f"(shown once; kept in {path} until the first sign-in)"
    return f"Sign in as {ADMINISTRATOR} with the password {lines[0]}\n{note}\n"


def forget_first_password(state: Path, username: str) -> None:
    """Called by the sign-in page: the administrator is in, so the file has done its work."""
    if username == ADMINISTRATOR:
        (state / _FILE).unlink(missing_ok=True)
