"""The map of autoresponders."""

from django.urls import path

from accounts import robot_views

ROBOTS = "domains/<str:domain>/autoresponders/"

urlpatterns = [
    path(ROBOTS, robot_views.autoresponders, name="autoresponders"),
    path(f"{ROBOTS}add/", robot_views.add_autoresponder, name="add-autoresponder"),
    path(f"{ROBOTS}<localpart:alias>/", robot_views.change_autoresponder, name="autoresponder"),
    path(f"{ROBOTS}<localpart:alias>/delete/", robot_views.delete_autoresponder, name="delete-autoresponder"),
]
