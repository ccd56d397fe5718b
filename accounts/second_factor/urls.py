"""The map of the second factor."""

from django.urls import path

from accounts.second_factor import reset_views, views
from accounts.second_factor.again import confirm_by_passkey
from accounts.second_factor.step import second_factor_step

urlpatterns = [
    path("sign-in/second-factor/", second_factor_step, name="second-factor-step"),
    path("sign-in/again/passkey/", confirm_by_passkey, name="confirm-by-passkey"),
    path("me/second-factor/", views.second_factor, name="second-factor"),
    path("me/second-factor/app/", views.add_app, name="add-app"),
    path("me/second-factor/passkey/", views.add_passkey, name="add-passkey"),
    path("me/second-factor/recovery-codes/", views.recovery_codes, name="recovery-codes"),
    path("me/second-factor/remove/<str:key>/", views.remove_factor, name="remove-factor"),
    path(
        "domains/<str:domain>/accounts/<localpart:name>/second-factor/",
        reset_views.reset_second_factor,
        name="reset-second-factor",
    ),
    path(
        "server/administrators/<str:key>/second-factor/",
        reset_views.reset_administrator_factor,
        name="reset-administrator-factor",
    ),
]
