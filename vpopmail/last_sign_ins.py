"""Whether the table of last sign-ins can say of an account that nobody signed in: "never" is not "not
recorded"."""

from vpopmail.schema import schema

TABLE = "lastauth"


def recorded(name: str) -> bool:
    """Does this vpopmail keep the table (--enable-auth-logging), and has it room for the account's name?

    Where it does, an account without a row, or with vpopmail's mark 0.0.0.0, never signed in.
    """
    facts = schema()
    return facts.last_auth and facts.has_table(TABLE) and len(name) <= facts.width(TABLE, "user", 64)
