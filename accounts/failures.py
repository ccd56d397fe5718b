"""The log of proofs that failed: one line each, in a form that deploy/fail2ban reads and docs/operate.md
describes. What was typed for a name is logged only when somebody has that name: it may have been a password.
"""

from __future__ import annotations

import logging

from audit import origin

logger = logging.getLogger("vqweb.sign_in")

WRONG = "wrong password"
TOO_MANY = "too many attempts"
WRONG_FACTOR = "wrong second factor"


def failed(why: str, who: str = "") -> None:
    """`who`: the user name or address when somebody has it, else ""."""
    logger.warning("failed from %s: %s, %s", _address(), why, _plain(who) or "unknown name")


def succeeded(who: str) -> None:
    logger.info("accepted from %s: %s", _address(), _plain(who))


def _address() -> str:
    return _plain(origin.current.get().address) or "-"


def _plain(text: str) -> str:
    """Nothing that could end the line or make another one of it."""
    return "".join(c for c in text.encode("ascii", "backslashreplace").decode() if c.isprintable())
