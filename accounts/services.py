"""What pages and commands do to accounts and aliases; the one place to import it from."""

from accounts.account_services import (
    Saved,
    add_account,
    add_accounts,
    change_account,
    change_password,
    change_quota,
    delete_account,
    find_account,
    is_password_locked,
    real_name,
)
from accounts.alias_services import add_alias, delete_alias, remove_alias
from accounts.disabling import disable_account, enable_account
from accounts.disabling_domain import disable_domain, enable_domain

__all__ = [
    "Saved",
    "add_account",
    "add_accounts",
    "add_alias",
    "change_account",
    "change_password",
    "change_quota",
    "delete_account",
    "delete_alias",
    "disable_account",
    "disable_domain",
    "enable_account",
    "enable_domain",
    "find_account",
    "is_password_locked",
    "real_name",
    "remove_alias",
]
