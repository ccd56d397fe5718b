"""The map of administrators. A person's page is found by the user name."""

from django.urls import path

from accounts import administrator_views as views

_ONE = "server/administrators/<str:key>/"

urlpatterns = [
    path("server/administrators/", views.administrators_page, name="administrators"),
    path("server/administrators/add/", views.add_administrator, name="add-administrator"),
    path(_ONE, views.administrator, name="administrator"),
    path(f"{_ONE}password/", views.administrator_password, name="administrator-password"),
    path(f"{_ONE}domains/", views.give_domain, name="give-domain"),
    path(f"{_ONE}domains/end/", views.take_domain, name="take-domain"),
]
