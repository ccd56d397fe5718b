"""The map of what is done with many aliases at once."""

from django.urls import path

from accounts import leading_views

urlpatterns = [
    path("aliases/to/", leading_views.aliases_to, name="aliases-to"),
]
