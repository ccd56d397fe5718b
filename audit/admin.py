"""The journal in the Django admin: to be read, newest first, changed by nobody."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from audit.models import Entry
from web.tables_admin import BoundedAdmin


@admin.register(Entry)
class EntryAdmin(BoundedAdmin):
    ordering = ("-id",)
    list_display = ("started_at", "actor_name", "via", "action", "target", "state")
    list_filter = ("state",)
    search_fields = ("target__exact", "domain__exact", "actor_name__exact")
    search_help_text = _("A whole address, domain or user name")
    actions = None

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
