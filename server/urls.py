"""The map of the pages about this server."""

from django.urls import path

from server import views

urlpatterns = [
    path("server/", views.server, name="server"),
]
