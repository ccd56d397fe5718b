"""Mail of the panel itself by qmail's `bin/sendmail`: no network, no password, and qmail keeps it in its
queue.
"""

import subprocess
from collections.abc import Sequence

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend


class SendmailBackend(BaseEmailBackend):
    """One run of the program for each message. Raises OSError or subprocess.SubprocessError, unless
    `fail_silently`.
    """

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        sent = 0
        for message in email_messages:
            try:
                sent += self._send(message)
            except (OSError, subprocess.SubprocessError):
                if not self.fail_silently:
                    raise
        return sent

    def _send(self, message: EmailMessage) -> bool:
        to = message.recipients()
        if not to:
            return False
        argv = [str(settings.SENDMAIL), "-i", "-f", message.from_email, "--", *to]
        text = message.message().as_bytes()
        subprocess.run(argv, input=text, capture_output=True, check=True, timeout=settings.EMAIL_TIMEOUT)  # noqa: S603
        return True
