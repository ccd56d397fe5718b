"""The map of one's own mailbox, below /me/."""

from django.urls import path

from accounts import forwarding_views, own_views

urlpatterns = [
    path("me/", own_views.own_account, name="own-account"),
    path("me/forwarding/", forwarding_views.own_forwarding, name="own-forwarding"),
    path("me/name/", own_views.own_name, name="own-name"),
    path("me/sign-ins/", own_views.own_sign_ins, name="own-sign-ins"),
    path("me/password/", own_views.own_password, name="own-password"),
]
