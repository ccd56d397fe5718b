"""The report as it lies in the panel's own database; the next one takes its place."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Report(models.Model):
    """One walk over all accounts. `ended_at` is None until it is complete; only then do pages show it.

    `bytes` and `messages` are those of the mailboxes that are known, `unknown` of how many they are not.
    `counts`: how many accounts each filter of the list holds for.
    """

    begun_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    domains = models.PositiveIntegerField(default=0)
    accounts = models.PositiveIntegerField(default=0)
    bytes = models.BigIntegerField(default=0)
    messages = models.BigIntegerField(default=0)
    unknown = models.PositiveIntegerField(default=0)
    counts = models.JSONField(default=dict)

    class Meta:
        default_permissions = ()
        verbose_name = _("report")
        verbose_name_plural = _("reports")

    def __str__(self) -> str:
        return f"{self.begun_at:%Y-%m-%d %H:%M}"


class DomainFigures(models.Model):
    """The same of one domain."""

    report = models.ForeignKey(Report, models.CASCADE, related_name="of_domains")
    domain = models.CharField(max_length=96)
    accounts = models.PositiveIntegerField()
    bytes = models.BigIntegerField()
    messages = models.BigIntegerField()
    unknown = models.PositiveIntegerField()
    counts = models.JSONField(default=dict)

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["report", "domain"], name="figures_once")]

    def __str__(self) -> str:
        return self.domain


class Listed(models.Model):
    """An account that a filter holds for: `kind` is the filter's word without its number.

    `value` orders them, the most urgent first: how full a mailbox is in percent, below zero; when somebody
    signed in last, in seconds since 1970.
    """

    report = models.ForeignKey(Report, models.CASCADE, related_name="listed", db_index=False)
    kind = models.CharField(max_length=16)
    value = models.BigIntegerField()
    domain = models.CharField(max_length=96)
    name = models.CharField(max_length=64)

    class Meta:
        default_permissions = ()
        indexes = [
            models.Index(fields=["report", "kind", "value", "domain", "name"], name="listed_kind"),
            models.Index(fields=["report", "domain", "kind"], name="listed_domain"),
        ]

    def __str__(self) -> str:
        return f"{self.kind}: {self.name}@{self.domain}"
