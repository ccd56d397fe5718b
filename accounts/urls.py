"""The map of accounts and aliases."""

from django.urls import include, path, register_converter

from accounts import (
    account_views,
    alias_views,
    disabling_domain_views,
    disabling_views,
    forwarding_views,
    look_views,
    part_views,
    selected_views,
)


class NameConverter:
    """A local part in a URL. `add` gets an @ behind it: `accounts/add/` is a page of its own."""

    regex = "[^/]+"

    def to_python(self, value: str) -> str:
        return value.removesuffix("@")

    def to_url(self, value: object) -> str:
        return f"{value}@" if value == "add" else str(value)


register_converter(NameConverter, "localpart")

ACCOUNTS = "domains/<str:domain>/accounts/"
ALIASES = "domains/<str:domain>/aliases/"

urlpatterns = [
    path("accounts/", account_views.accounts, name="accounts"),
    path(f"{ACCOUNTS}add/", account_views.add_account, name="add-account"),
    path(f"{ACCOUNTS}<localpart:name>/", account_views.account, name="account"),
    path(f"{ACCOUNTS}<localpart:name>/change/", part_views.change_account, name="change-account"),
    path(f"{ACCOUNTS}<localpart:name>/password/", part_views.change_password, name="change-password"),
    path(f"{ACCOUNTS}<localpart:name>/quota/", part_views.change_quota, name="change-quota"),
    path(
        f"{ACCOUNTS}<localpart:name>/forwarding/",
        forwarding_views.change_forwarding,
        name="change-forwarding",
    ),
    path(f"{ACCOUNTS}<localpart:name>/flags/", part_views.change_flags, name="change-flags"),
    path(f"{ACCOUNTS}<localpart:name>/disable/", disabling_views.disable_account, name="disable-account"),
    path(f"{ACCOUNTS}<localpart:name>/enable/", disabling_views.enable_account, name="enable-account"),
    path(f"{ACCOUNTS}<localpart:name>/delete/", account_views.delete_account, name="delete-account"),
    path(f"{ACCOUNTS}<localpart:name>/look/", look_views.look_as, name="look-as"),
    path("", include("accounts.administrator_urls")),
    path("", include("accounts.vacation_urls")),
    path("", include("accounts.robot_urls")),
    path("looking/stop/", look_views.stop_looking, name="stop-looking"),
    path("", include("accounts.alias_urls")),
    path("", include("accounts.list_urls")),
    path("domains/<str:domain>/selected/", selected_views.selected_accounts, name="selected-accounts"),
    path("domains/<str:domain>/selected/delete/", selected_views.delete_selected, name="delete-selected"),
    path("domains/<str:domain>/disable/", disabling_domain_views.disable_domain, name="disable-domain"),
    path("domains/<str:domain>/enable/", disabling_domain_views.enable_domain, name="enable-domain"),
    path(ALIASES, alias_views.domain_aliases, name="domain-aliases"),
    path(f"{ALIASES}add/", alias_views.add_alias, name="add-alias"),
    path(f"{ALIASES}<localpart:alias>/", alias_views.alias, name="alias"),
    path(f"{ALIASES}<localpart:alias>/add/", alias_views.add_alias_line, name="add-alias-line"),
    path(f"{ALIASES}<localpart:alias>/remove/", alias_views.remove_alias_line, name="remove-alias-line"),
    path(f"{ALIASES}<localpart:alias>/delete/", alias_views.delete_alias, name="delete-alias"),
]
