"""The map of mailing lists."""

from django.urls import path

from accounts import list_views

LISTS = "domains/<str:domain>/lists/"

urlpatterns = [
    path(LISTS, list_views.mailing_lists, name="mailing-lists"),
    path(f"{LISTS}add/", list_views.add_mailing_list, name="add-mailing-list"),
    path(f"{LISTS}<localpart:alias>/", list_views.mailing_list, name="mailing-list"),
]
