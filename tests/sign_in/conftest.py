from tests.sign_in.people import anna, mailboxes, owner_of  # noqa: F401
