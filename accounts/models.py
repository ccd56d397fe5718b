"""Who signs in: administrators have a password here; the panel's user of a mailbox never has one."""

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.translation import gettext_lazy as _


class User(AbstractUser):
    """A person signed in. The username is as wide as an address: 64 + 1 + 96."""

    username = models.CharField(_("user name"), max_length=161, unique=True)
