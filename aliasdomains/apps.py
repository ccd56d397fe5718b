from django.apps import AppConfig


class AliasDomainsConfig(AppConfig):
    name = "aliasdomains"
