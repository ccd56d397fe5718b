"""The map of alias domains."""

from django.urls import path

from aliasdomains import views

urlpatterns = [
    path("aliasdomains/", views.alias_domain_list, name="alias-domains"),
    path("aliasdomains/add/", views.add_alias_domain, name="add-alias-domain"),
    path("aliasdomains/check/", views.check_alias_domain, name="check-alias-domain"),
    path("aliasdomains/<str:alias>/delete/", views.delete_alias_domain, name="delete-alias-domain"),
    path("domains/<str:domain>/aliasdomains/", views.domain_alias_domains, name="domain-alias-domains"),
]
