"""The map of automatic answers: of an account, and of one's own mailbox."""

from django.urls import path

from accounts import vacation_views

ACCOUNT = "domains/<str:domain>/accounts/<localpart:name>/"

urlpatterns = [
    path(f"{ACCOUNT}vacation/", vacation_views.change_vacation, name="change-vacation"),
    path(f"{ACCOUNT}vacation/end/", vacation_views.end_of_vacation, name="end-vacation"),
    path("me/vacation/", vacation_views.own_vacation, name="own-vacation"),
    path("me/vacation/end/", vacation_views.end_own_vacation, name="end-own-vacation"),
]
