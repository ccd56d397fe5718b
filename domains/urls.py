"""The map of domains."""

from django.urls import path

from domains import delivery_views, views

DOMAIN = "domains/<str:domain>/"

urlpatterns = [
    path("domains/", views.domain_list, name="domains"),
    path("domains/add/", views.add_domain, name="add-domain"),
    path("domains/check/", views.check_domain, name="check-domain"),
    path(DOMAIN, views.domain, name="domain"),
    path(f"{DOMAIN}activity/", views.domain_activity, name="domain-activity"),
    path(f"{DOMAIN}delivery/", delivery_views.delivery, name="delivery"),
    path(f"{DOMAIN}delete/", views.delete_domain, name="delete-domain"),
]
