"""The journal: one row per change, committed before the change is made."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Entry(models.Model):
    """What somebody changed. Never holds a password or a hash.

    `key` is the id that engine and helper are given. `actor_name` outlives the user. `domain` is the real
    domain, for filters.
    `changes` is {"quota": [old, new], "password": "changed"}; `command` does the same on the command line.
    """

    class State(models.TextChoices):
        STARTED = "started", _("Started")
        OK = "ok", _("Done")
        FAILED = "failed", _("Failed")

    class Via(models.TextChoices):
        PAGE = "page", _("Page")
        COMMAND = "command", _("Command line")
        ADMIN = "admin", _("Django admin")

    key = models.CharField(max_length=32, unique=True)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    actor_name = models.CharField(max_length=161)
    address = models.CharField(max_length=45, blank=True)
    via = models.CharField(max_length=10, choices=Via.choices)
    action = models.CharField(max_length=40)
    target = models.CharField(max_length=200)
    domain = models.CharField(max_length=96, blank=True)
    changes = models.JSONField(default=dict)
    command = models.TextField(blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.STARTED)
    reason = models.TextField(blank=True)
    warnings = models.JSONField(default=list)

    class Meta:
        verbose_name = _("journal entry")
        verbose_name_plural = _("journal")
        default_permissions = ("view",)
        indexes = [
            models.Index(fields=["domain", "-id"], name="entry_domain"),
            models.Index(fields=["target", "-id"], name="entry_target"),
            models.Index(fields=["actor_name", "-id"], name="entry_actor"),
            models.Index(fields=["action", "-id"], name="entry_action"),
            models.Index(fields=["state", "-id"], name="entry_state"),
            models.Index(fields=["-started_at"], name="entry_time"),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.target}"
