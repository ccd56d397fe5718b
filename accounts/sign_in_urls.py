"""The map of signing in, and of one's own sign-ins."""

from django.urls import path

from accounts import sign_in_views
from accounts.sign_in import SignIn, SignOut

urlpatterns = [
    path("sign-in/", SignIn.as_view(), name="sign-in"),
    path("sign-in/again/", sign_in_views.sign_in_again, name="confirm"),
    path("sign-out/", SignOut.as_view(), name="sign-out"),
    path("me/sessions/", sign_in_views.own_sessions, name="own-sessions"),
    path("me/sessions/end/", sign_in_views.end_sessions, name="end-sessions"),
    path(
        "me/administrator/password/",
        sign_in_views.own_administrator_password,
        name="own-administrator-password",
    ),
]
