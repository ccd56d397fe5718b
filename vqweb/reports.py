"""What a report about an error may tell: error mails to administrators, and all else that Django reports.

Django hides what a view has marked as sensitive. Here it is the other way round: nothing that a person sent,
and no variable of the program, is in a report; names stand there without values. A traceback says where it
failed, the request which page it was.
"""

import re
from collections.abc import ItemsView
from types import FrameType
from typing import Any

from django.http import HttpRequest
from django.views.debug import SafeExceptionReporterFilter

# URLs of databases and mail servers have passwords in them.
_HIDDEN = re.compile(
    r"API|AUTH|TOKEN|KEY|SECRET|PASS|SIGNATURE|COOKIE|DATABASE|_URL\Z|HELPER|DOVEADM", re.IGNORECASE
)


class Discreet(SafeExceptionReporterFilter):
    """Active unless DEBUG is on; settings with secrets are hidden even then."""

    hidden_settings = _HIDDEN

    def get_safe_cookies(self, request: HttpRequest) -> dict[str, Any]:
        return dict.fromkeys(getattr(request, "COOKIES", {}), self.cleansed_substitute)

    def get_post_parameters(self, request: HttpRequest | None) -> dict[str, Any]:
        sent: dict[str, Any] = super().get_post_parameters(request)
        return dict.fromkeys(sent, self.cleansed_substitute) if self.is_active(request) else sent

    def get_traceback_frame_variables(
        self, request: HttpRequest | None, tb_frame: FrameType
    ) -> ItemsView[str, Any]:
        if not self.is_active(request):
            return super().get_traceback_frame_variables(request, tb_frame)
        return dict.fromkeys(tb_frame.f_locals, self.cleansed_substitute).items()
