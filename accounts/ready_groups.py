"""The ready-made groups: vqadmin's letters, and what vqadmin had no letter for.

Every `migrate` makes them and sets them to what stands here; groups of somebody's own making are left alone.
"""

from dataclasses import dataclass

from django.apps import AppConfig, apps
from django.contrib.auth.management import create_permissions
from django.contrib.auth.models import Group, Permission
from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

# The domain itself is part of every letter: all pages of accounts and aliases lie below that of their domain.
_SEE = "vpopmail.view_domain"
_ACCOUNT = ("vpopmail.view_account", "vpopmail.view_alias", _SEE)
_DOMAIN = ("vpopmail.view_aliasdomain", "vpopmail.view_limits", _SEE)


@dataclass(frozen=True, slots=True)
class ReadyGroup:
    """`letter` is vqadmin's, or ""; `name` is how the group is stored; `text` says what it is for."""

    letter: str
    name: str
    text: Promise
    permissions: tuple[str, ...]


def _change(*names: str) -> tuple[str, ...]:
    return tuple(f"vpopmail.{name}" for name in names)


GROUPS = (
    ReadyGroup(
        "V",
        "V: view accounts",
        _("See accounts, aliases and sign-ins."),
        (*_ACCOUNT, "vpopmail.view_sign_ins"),
    ),
    ReadyGroup("I", "I: view domains", _("See domains, alias domains and limits."), _DOMAIN),
    ReadyGroup(
        "M",
        "M: change accounts",
        _("Change accounts, their passwords and forwarding, and lines of aliases."),
        (
            *_ACCOUNT,
            *_change(
                "change_account", "change_password", "change_forwarding", "change_vacation", "change_alias"
            ),
        ),
    ),
    ReadyGroup(
        "U",
        "U: change domains",
        _("Change limits and delivery of domains, and repair what the doctor finds."),
        (*_DOMAIN, *_change("change_domain", "change_limits", "change_delivery")),
    ),
    ReadyGroup(
        "C",
        "C: add accounts",
        _("Add accounts and aliases."),
        (*_ACCOUNT, *_change("add_account", "add_alias")),
    ),
    ReadyGroup(
        "A",
        "A: add domains",
        _("Add domains and alias domains."),
        (*_DOMAIN, *_change("add_domain", "add_aliasdomain")),
    ),
    ReadyGroup(
        "D",
        "D: delete accounts",
        _("Delete accounts and aliases."),
        (*_ACCOUNT, *_change("delete_account", "delete_alias")),
    ),
    ReadyGroup(
        "X",
        "X: delete domains",
        _("Delete domains and alias domains."),
        (*_DOMAIN, *_change("delete_domain", "delete_aliasdomain")),
    ),
    ReadyGroup("", "Journal", _("Read who changed what."), ("audit.view_entry",)),
    ReadyGroup("", "Trash", _("Bring back what was deleted."), _change("view_trash", "change_trash")),
    ReadyGroup(
        "",
        "Second factor",
        _("Reset the second factor of people who lost it."),
        (*_ACCOUNT, "vpopmail.reset_second_factor"),
    ),
)
LETTERS = {group.letter: group for group in GROUPS if group.letter}
NAMES = frozenset(group.name for group in GROUPS)
_APPS = ("vpopmail", "audit", "accounts")


def make_ready_groups(using: str) -> None:
    """Make the groups with the permissions above, and no others."""
    for label in _APPS:
        create_permissions(apps.get_app_config(label), verbosity=0, using=using)
    for ready in GROUPS:
        group, _made = Group.objects.using(using).get_or_create(name=ready.name)
        wanted = list(_permissions(ready, using))
        if set(group.permissions.all()) != set(wanted):
            group.permissions.set(wanted)


def _permissions(ready: ReadyGroup, using: str) -> "list[Permission]":
    wanted = Q(pk__in=[])
    for permission in ready.permissions:
        label, _dot, codename = permission.partition(".")
        wanted |= Q(content_type__app_label=label, codename=codename)
    return list(Permission.objects.using(using).filter(wanted))


def after_migrate(sender: AppConfig, using: str, **kwargs: object) -> None:
    """Receiver of Django's post_migrate, for the app `accounts`."""
    if using == "default":
        make_ready_groups(using)
