from tests.served import static_files
from tests.sign_in.people import anna, mailboxes, owner_of

__all__ = ["anna", "mailboxes", "owner_of", "static_files"]
