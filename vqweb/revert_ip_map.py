"""What takes a change of the map of IP addresses back."""

from audit.models import Entry
from vpopmail import ip_map
from vpopmail.engines import get_engine
from vpopmail.engines.base import Outcome
from vqweb.revert_base import Plan, stands_no_more


def plan(entry: Entry) -> Plan:
    """The address stands for its former domain again, or for none."""
    ip = entry.target
    old, new = (value or "" for value in entry.changes["domain"])
    now = ip_map.domain_of(ip)
    if (now or "") != new or (now is None) != (entry.changes["domain"][1] is None):
        raise stands_no_more(ip, now or "")

    def change(key: str) -> Outcome:
        if entry.changes["domain"][0] is None:
            return get_engine().vipmap_delete(ip, new, entry=key)
        return get_engine().vipmap_add(ip, old, replaces=new, entry=key)

    return Plan("vpopmail.change_domain", {"domain": entry.changes["domain"][::-1]}, change)
