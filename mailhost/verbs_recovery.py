"""What recovery asks before it settles an interrupted change: is a verb still at work on these domains?"""

from mailhost import arguments
from mailhost.errors import HelperError
from mailhost.home import Call
from mailhost.registry import Result, verb


@verb("read", domains=arguments.list_of(arguments.domain, 10_000))
def busy(call: Call, domains: list[str]) -> Result:
    """Those of the domains whose lock some verb holds at this moment; nothing is waited for."""
    held = []
    for name in domains:
        try:
            with call.state.lock_domain(name, 0):
                pass
        except HelperError as error:
            if error.code != "busy":
                raise
            held.append(name)
    return {"busy": held}
