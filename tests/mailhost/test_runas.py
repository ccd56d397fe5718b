"""The child that works with a domain's rights, when it is ended from outside."""

import os
import signal
from typing import Any

import pytest

from mailhost.errors import HelperError
from mailhost.files import Owner
from mailhost.runas import run_as

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root becomes somebody else")


def ending_by(number: int) -> Any:
    def work() -> dict[str, Any]:
        os.kill(os.getpid(), number)
        return {}

    return work


@pytest.mark.parametrize(("number", "code"), [(signal.SIGKILL, "gone"), (signal.SIGALRM, "incomplete")])
def test_a_child_that_is_killed_may_have_begun(number: int, code: str) -> None:
    """Who was only killed is asked again; who was too slow is not."""
    with pytest.raises(HelperError) as ended:
        run_as(Owner(89, 89), True, ending_by(number))
    assert ended.value.code == code and ended.value.details["begun"]
