from django.apps import AppConfig


class OverviewConfig(AppConfig):
    name = "accounts.overview"
    label = "overview"
