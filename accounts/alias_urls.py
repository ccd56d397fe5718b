"""The map of what is done with many aliases at once."""

from django.urls import path

from accounts import conversion_views, leading_views

urlpatterns = [
    path("aliases/to/", leading_views.aliases_to, name="aliases-to"),
    path("domains/<str:domain>/convert-aliases/", conversion_views.convert, name="convert-aliases"),
]
