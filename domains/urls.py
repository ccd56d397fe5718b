"""The map of domains."""

from django.urls import path

from domains import delivery_views, limits_views, views

DOMAIN = "domains/<str:domain>/"

urlpatterns = [
    path("domains/", views.domain_list, name="domains"),
    path("domains/add/", views.add_domain, name="add-domain"),
    path("domains/check/", views.check_domain, name="check-domain"),
    path(DOMAIN, views.domain, name="domain"),
    path(f"{DOMAIN}activity/", views.domain_activity, name="domain-activity"),
    path(f"{DOMAIN}delivery/", delivery_views.delivery, name="delivery"),
    path(f"{DOMAIN}limits/", limits_views.domain_limits, name="limits"),
    path(f"{DOMAIN}limits/defaults/", limits_views.delete_limits, name="delete-limits"),
    path("server/limits/", limits_views.default_limits, name="default-limits"),
    path(f"{DOMAIN}delete/", views.delete_domain, name="delete-domain"),
]
