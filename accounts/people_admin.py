"""People, groups and grants in the Django admin, for superusers in an emergency: every change is an entry of
the journal, as those of /server/administrators/ are.

Users of mailboxes are shown and not changed: they come and go with their account. Ready-made groups are what
the panel says they are.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts import administrators
from accounts.models import Grant, User
from accounts.ready_groups import NAMES
from audit.log import audit
from vpopmail.engines.base import Refused

if TYPE_CHECKING:
    _ModelAdmin = admin.ModelAdmin[Any]
    _UserAdmin = UserAdmin[User]
else:
    _ModelAdmin, _UserAdmin = admin.ModelAdmin, UserAdmin


def _is_superuser(request: HttpRequest) -> bool:
    return bool(getattr(request.user, "is_superuser", False))


def _texts(value: Any) -> Any:
    """A form's value as the journal keeps it."""
    if hasattr(value, "__iter__") and not isinstance(value, str):
        return sorted(str(one) for one in value)
    return value if isinstance(value, bool | int | type(None)) else str(value)


def changes_of(form: Any) -> dict[str, Any]:
    """What a form changes; of passwords only that they do."""
    found: dict[str, Any] = {}
    for name in form.changed_data:
        if "password" in name:
            found["password"] = "changed"  # noqa: S105
        elif name in form.cleaned_data:
            old = form.initial.get(name) if form.instance.pk else None
            found[name] = [_texts(old), _texts(form.cleaned_data[name])]
    return found


class ForSuperusers(_ModelAdmin):
    """Whoever may change people or groups could give themselves everything: superusers only.

    A form is saved with its many-to-many fields under one entry; Django's own log is not kept beside it.
    """

    def has_module_permission(self, request: HttpRequest) -> bool:
        return _is_superuser(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return _is_superuser(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return _is_superuser(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return _is_superuser(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return _is_superuser(request)

    def target_of(self, obj: Any) -> str:
        return str(obj)[:200]

    @contextmanager
    def recorded(self, request: HttpRequest, obj: Any, changes: dict[str, Any]) -> Iterator[None]:
        with audit(request.user, administrators.ACTION, self.target_of(obj), changes=changes):
            yield

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Done by `save_related`, where the many-to-many fields are known too."""

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        with self.recorded(request, form.instance, changes_of(form)):
            form.instance.save()
            super().save_related(request, form, formsets, change)

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        with self.recorded(request, obj, {"deleted": [self.target_of(obj), None]}):
            super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: Any) -> None:
        for obj in queryset:
            self.delete_model(request, obj)

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """The journal has it."""

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """The journal has it."""

    def log_deletions(self, request: HttpRequest, queryset: Any) -> Any:
        """The journal has it."""

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> Any:
        return HttpResponseRedirect(f"{reverse('activity')}?action={administrators.ACTION}")


@admin.register(User)
class PersonAdmin(ForSuperusers, _UserAdmin):
    """Administrators; `is_staff` lets into the Django admin itself."""

    ordering = ("username",)
    list_display = ("username", "email", "is_superuser", "confined", "is_active", "last_login")
    list_filter = ("is_superuser", "is_active", "confined")
    search_fields = ("username", "email")
    filter_horizontal = ("groups", "user_permissions")
    fieldsets = (
        (None, {"fields": ("username", "password")}),
        (_("Person"), {"fields": ("email",)}),
        (
            _("Rights"),
            {"fields": ("is_active", "is_staff", "is_superuser", "confined", "groups", "user_permissions")},
        ),
    )

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return _is_superuser(request) and not (obj is not None and obj.is_mailbox)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Deactivated instead: the journal goes on naming them. Nobody is deleted by mistake."""
        return False

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        made: Any = super().get_form(request, obj, change=change, **kwargs)
        return type(made.__name__, (_Checked, made), {"actor": request.user})

    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> HttpResponse:
        """The panel's page of the same: it asks who is there, and keeps the journal."""
        user = User.objects.filter(pk=id, domain="").first() if id.isdigit() else None
        if not _is_superuser(request) or user is None:
            raise PermissionDenied
        return HttpResponseRedirect(reverse("administrator-password", args=[user.username]))


class _Checked:
    """What /server/administrators/ refuses is refused here too."""

    actor: Any
    instance: User

    def clean(self) -> Any:
        data: dict[str, Any] = super().clean() or {}  # type: ignore[misc]
        try:
            self._check({**self.cleaned_data, **data})  # type: ignore[attr-defined]
        except Refused as error:
            raise ValidationError(error.message) from error
        return data

    def _check(self, data: dict[str, Any]) -> None:
        if "username" in data and data["username"] != self.initial.get("username"):  # type: ignore[attr-defined]
            administrators.check_name(data["username"])
        user = User.objects.filter(pk=self.instance.pk).first()
        if user is None:
            if data.get("password1"):
                validate_password(data["password1"], self.instance)
        elif (
            user.is_superuser and user.is_active and not (data.get("is_superuser") and data.get("is_active"))
        ):
            administrators.check_not_last(self.actor, user)


admin.site.unregister(Group)


@admin.register(Group)
class GroupsAdmin(ForSuperusers, GroupAdmin):
    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return _is_superuser(request) and not (obj is not None and obj.name in NAMES)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_change_permission(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: Any) -> None:
        super().delete_queryset(request, queryset.exclude(name__in=NAMES))


@admin.register(Grant)
class GrantAdmin(ForSuperusers):
    """To be read; given and ended on the person's page, where the domain is checked."""

    ordering = ("domain", "user__username")
    list_display = ("domain", "user", "last_day", "given_by", "given_at")
    list_filter = ("last_day",)
    search_fields = ("domain__exact", "user__username__exact")
    search_help_text = _("A whole domain or user name")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
