"""What proves that a person is the person, besides the password. Ends with the panel's user it belongs to."""

import math

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_otp.models import VerifyNotAllowed
from django_otp.plugins.otp_totp.models import TOTPDevice

LONGEST_WAIT = 3600  # seconds; the library's own doubling ends after a hundred years


class AuthenticatorApp(TOTPDevice):  # type: ignore[misc]  # django-otp has no types
    """A secret shared with an app that shows six digits (RFC 6238). `confirmed` once a code came back.

    After a wrong code the next is looked at 1, 2, 4 … seconds later, an hour at most: 24 guesses a day of a
    million codes, and nobody is locked out for good.
    """

    class Meta:
        proxy = True
        default_permissions = ()

    def verify_is_allowed(self) -> tuple[bool, dict[str, object] | None]:
        waited = self.seconds_to_wait
        return (not waited, {"reason": VerifyNotAllowed.N_FAILED_ATTEMPTS} if waited else None)

    @property
    def seconds_to_wait(self) -> int:
        """Until the next code is looked at; 0 for now."""
        if not self.throttling_failure_count or self.throttling_failure_timestamp is None:
            return 0
        wait = min(2 ** (min(self.throttling_failure_count, 30) - 1), LONGEST_WAIT)
        since = (timezone.now() - self.throttling_failure_timestamp).total_seconds()
        return int(max(0, math.ceil(wait - since)))


class Passkey(models.Model):
    """A WebAuthn credential: `host` is the relying party's id it was made for, `credential` what fido2 calls
    attested credential data (id and public key), `digest` the SHA-256 of the id.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="passkeys")
    name = models.CharField(_("name"), max_length=64)
    host = models.CharField(max_length=255)
    digest = models.CharField(max_length=64, unique=True)
    credential = models.BinaryField()
    counter = models.BigIntegerField(default=0)
    created_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return self.name

    @property
    def mark(self) -> str:
        """What a session that was opened with it remembers (accounts.second_factor.factors)."""
        return f"passkey-{self.pk}"


class RecoveryCode(models.Model):
    """One code not used yet, as SHA-256: the codes are random (79 bits), so nothing slower is needed."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="recovery_codes")
    digest = models.CharField(max_length=64)

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["user", "digest"], name="one_recovery_code")]

    def __str__(self) -> str:
        return f"recovery code of {self.user}"
