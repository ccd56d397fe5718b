"""How long the panel takes to refuse a sign-in: nobody must hear from it whether a name exists, and how its
password is hashed.
"""

import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db import connections

from accounts import services as accounts
from domains import services as domains
from tests.store import Store
from vpopmail import passwords

ROUNDS = 15
WRONG = "wrong"
SALTS = {
    "DES": "ab",
    "MD5 ($1$)": "$1$saltsalt$",
    "SHA-256 ($5$)": "$5$saltsaltsaltsalt$",
    "SHA-512 ($6$)": "$6$saltsaltsaltsalt$",
    "SHA-512, 50,000 rounds": "$6$rounds=50000$saltsaltsaltsalt$",
    "bcrypt, cost 10 ($2y$)": "$2y$10$saltsaltsaltsaltsaltsu",
}
# The floor as it is by default; so many tries that none is refused unseen.
SETTINGS = {"SIGN_IN_FLOOR_MS": "", "SIGN_IN_TRIES": "1000000", "SIGN_IN_NETWORK_TRIES": "1000000"}


@dataclass(frozen=True)
class Answer:
    """Median of the time until a sign-in was refused, and the spread of its middle half, in milliseconds."""

    title: str
    ms: float
    spread: float


def _hash(password: str, setting: str) -> str:
    made = passwords.crypt(password, setting)
    assert made is not None, f"this system's crypt(3) does not know {setting}"
    return made


def people(store: Store) -> dict[str, str]:
    """Title → address to sign in with; all these passwords are wrong."""
    domains.add_domain(actor=None, domain="example.com", password_hash=_hash("right", "$6$saltsalt$"))
    found = {
        "unknown domain": "anna@nowhere.example",
        "unknown name": "nobody@example.com",
        "no address": "nobody",
    }
    for number, (title, salt) in enumerate(SALTS.items()):
        accounts.add_account(
            actor=None,
            domain="example.com",
            name=f"scheme{number}",
            password_hash=_hash("right", salt),
        )
        found[title] = f"scheme{number}@example.com"
    for name, stored in (("locked", "!" + _hash("right", "$6$saltsalt$")), ("empty", "")):
        accounts.add_account(actor=None, domain="example.com", name=name, password_hash=_hash("x", "ab"))
        with connections["vpopmail"].cursor() as cursor:
            cursor.execute("UPDATE vpopmail SET pw_passwd = %s WHERE pw_name = %s", [stored, name])
        found[f"{name} hash"] = f"{name}@example.com"
    return {**found, "administrator": "admin", "spaces and capitals": "  ANNA@Nowhere.EXAMPLE "}


def refusals(visitor: Any, who: dict[str, str]) -> Iterator[Answer]:
    """Each in turn, so that whatever else the machine does slows all of them alike."""
    times: dict[str, list[float]] = {title: [] for title in who}
    visitor.get("/sign-in/")
    for _round in range(ROUNDS):
        for title, address in who.items():
            start = time.perf_counter()
            reply = visitor.post("/sign-in/", username=address, password=WRONG)
            times[title].append((time.perf_counter() - start) * 1000)
            assert reply.status == 200, f"{title}: {reply.status}"
    for title, taken in times.items():
        low, _median, high = statistics.quantiles(taken, n=4)
        yield Answer(title, statistics.median(taken), high - low)
