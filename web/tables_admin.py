"""What the Django admin's pages of vpopmail's tables share: changes go through the services, lists are
bounded, and a table that is not there in this form becomes one sentence with a link.

The journal records what is done here, so Django's own log is not kept beside it: an object's history is the
activity page.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.contrib.admin import actions
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from vpopmail.engines.base import Outcome, VpopmailError

if TYPE_CHECKING:
    _ModelAdmin = admin.ModelAdmin[Any]
    _ModelForm = forms.ModelForm[Any]
    _Paginator = Paginator[Any]
else:
    _ModelAdmin, _ModelForm, _Paginator = admin.ModelAdmin, forms.ModelForm, Paginator

PER_PAGE = 50
MOST_PAGES = 20


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Why a table has no page here, and the URL name and words of the page where the same is done."""

    sentence: str
    url_name: str
    link: str


class TwentyPages(_Paginator):
    """Never counts: reads the keys of twenty pages at most, and offers no more."""

    @cached_property
    def count(self) -> int:
        rows: Any = self.object_list
        if not isinstance(rows, QuerySet):
            return len(rows)
        keys = [name.lstrip("-") for name in rows.query.order_by if isinstance(name, str)] or ["pk"]
        return len(rows.values_list(*keys)[: self.per_page * MOST_PAGES])


class BoundedAdmin(_ModelAdmin):
    """A list in the order of its key, of twenty pages at most, without a count of everything."""

    list_per_page = PER_PAGE
    list_max_show_all = 0
    show_full_result_count = False
    sortable_by: ClassVar[tuple[str, ...]] = ()
    paginator = TwentyPages

    def response_action(self, request: HttpRequest, queryset: Any, *args: Any) -> HttpResponse | None:
        """Actions are for rows that were seen and ticked."""
        if request.POST.get("select_across") == "1":
            self.message_user(request, _("Only what is on the page can be selected."), messages.ERROR)
            return HttpResponseRedirect(request.get_full_path())
        return super().response_action(request, queryset, *args)


class ServiceForm(_ModelForm):
    """A form whose saving is a service's work: what the service refuses stands beside the field it belongs
    to.
    """

    actor: ClassVar[Any] = None
    outcome: Outcome = Outcome()

    def perform(self) -> Outcome:
        """Make the change for `actor`. Raises VpopmailError."""
        raise NotImplementedError

    def is_valid(self) -> bool:
        if not super().is_valid():
            return False
        try:
            self.outcome = self.perform()
        except VpopmailError as error:
            self.add_error(self.field_of(error), error.message)
            return False
        return True

    def field_of(self, error: VpopmailError) -> str | None:
        """The form's field for an error's; None puts the message on top."""
        return error.field if error.field in self.fields else None

    def _post_clean(self) -> None:
        """The services judge the values, also what is taken; `perform` fills the instance."""

    def save(self, commit: bool = True) -> Any:
        """Nothing is left to be written."""
        self.save_m2m: Callable[[], None] = lambda: None
        return self.instance


class RowAdmin(BoundedAdmin):
    """Rows of a table of vpopmail's. Subclasses name `key_fields`, `elsewhere`, and what deletes a row."""

    key_fields: ClassVar[tuple[str, ...]] = ()
    form = ServiceForm

    def elsewhere(self) -> Elsewhere | None:
        """Asked each time a page is opened: why the rows are not to be seen here."""
        return None

    def delete_row(self, request: HttpRequest, row: Any) -> Outcome:
        """Delete through a service. Raises VpopmailError."""
        raise NotImplementedError

    def activity_of(self, key: str) -> str:
        """What the activity page is asked for, for an object's key."""
        return key

    # --- pages ---

    def _page(self, request: HttpRequest, show: Callable[[], HttpResponse]) -> HttpResponse:
        place = self.elsewhere()
        if place is None:
            return show()
        if not (self.has_view_or_change_permission(request) or self.has_add_permission(request)):
            raise PermissionDenied
        context = {
            **self.admin_site.each_context(request),
            "title": self.opts.verbose_name_plural,
            "opts": self.opts,
            "sentence": place.sentence,
            "url": reverse(place.url_name),
            "link": place.link,
        }
        return TemplateResponse(request, "admin/elsewhere.html", context)

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        return self._page(request, lambda: super(RowAdmin, self).changelist_view(request, extra_context))

    def changeform_view(
        self, request: HttpRequest, object_id: Any = None, form_url: str = "", extra_context: Any = None
    ) -> Any:
        """Not inside a transaction, as Django's is: the engine opens its own, in the order its steps need."""
        return self._page(
            request,
            lambda: self._changeform_view(request, object_id, form_url, extra_context),  # type: ignore[attr-defined]
        )

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> Any:
        def show() -> HttpResponse:
            try:
                page: HttpResponse = self._delete_view(request, object_id, extra_context)  # type: ignore[attr-defined]
                return page
            except VpopmailError as error:
                self.message_user(request, error.message, messages.ERROR)
                return HttpResponseRedirect(request.get_full_path())

        return self._page(request, show)

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> Any:
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        target = urlencode({"target": self.activity_of(unquote(object_id))})
        return HttpResponseRedirect(f"{reverse('activity')}?{target}")

    # --- changes ---

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.key_fields if obj is not None else ()

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        made: Any = super().get_form(request, obj, change, **kwargs)
        return type(made.__name__, (made,), {"actor": request.user})

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """The form's service has done it; here its warnings are told."""
        self._tell(request, form.outcome)

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        self._tell(request, self.delete_row(request, obj))

    def _tell(self, request: HttpRequest, outcome: Outcome) -> None:
        for warning in outcome.warnings:
            self.message_user(request, warning, messages.WARNING)

    def get_deleted_objects(self, objs: Iterable[Any], request: HttpRequest) -> Any:
        """The rows themselves: no other model hangs on them."""
        rows = [str(row) for row in objs]
        return rows, {self.opts.verbose_name_plural: len(rows)}, set(), []

    def get_actions(self, request: HttpRequest) -> Any:
        offered: dict[str, Any] = dict(super().get_actions(request))
        if "delete_selected" in offered:
            description = gettext_lazy("Delete selected %(verbose_name_plural)s")
            offered["delete_selected"] = (_delete_selected, "delete_selected", description)
        return offered

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """The journal has it."""

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """The journal has it."""

    def log_deletions(self, request: HttpRequest, queryset: Any) -> Any:
        """The journal has it."""


def _delete_selected(modeladmin: Any, request: HttpRequest, queryset: Any) -> Any:
    """Django's page that asks, then a service for each row; one that is refused does not keep the others."""
    if not request.POST.get("post"):
        return actions.delete_selected(modeladmin, request, queryset)
    if not modeladmin.has_delete_permission(request):
        raise PermissionDenied
    done = 0
    for row in list(queryset):
        try:
            modeladmin.delete_model(request, row)
        except VpopmailError as error:
            modeladmin.message_user(request, f"{row}: {error.message}", messages.ERROR)
        else:
            done += 1
    if done:
        words = ngettext("%(count)d was deleted.", "%(count)d were deleted.", done) % {"count": done}
        modeladmin.message_user(request, words, messages.SUCCESS)
    return None
