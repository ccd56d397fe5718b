from tests.pages import allow, person  # noqa: F401
from tests.sign_in.people import anna, mailboxes, owner_of  # noqa: F401
