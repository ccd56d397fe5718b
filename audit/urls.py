"""The journal's pages, below /activity/."""

from django.urls import path

from audit import views

urlpatterns = [
    path("", views.activity, name="activity"),
    path("<str:key>/", views.entry, name="activity-entry"),
]
