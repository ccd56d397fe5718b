"""What the verbs leave behind is what the real programs left behind, step by step."""

import re

import pytest

from tests import recorded
from tests.mailhost.base import GID, UID

CONTROL = re.compile(r"(users/(assign|cdb)|control/(more)?rcpthosts|control/virtualdomains|control/locals)")


def replay(host, run):
    """One recorded command by verbs; False for those that do not touch files."""
    program, words = run[0], [word for word in run[1:] if word != "-f"]
    if program == "vadddomain":
        box = {"name": "postmaster", "quota": "NOQUOTA"}
        host.call("make_domain", domain=words[0], unknown="delete", mailboxes=[box])
        host.call("connect_domain", domain=words[0], real=words[0])
    elif program == "vaddaliasdomain":
        host.call("connect_domain", domain=words[1], real=words[0])
    elif program == "vdeldomain":
        text = host.control("assign")
        names = re.findall(rf"^\+([^:]*)-:{re.escape(words[0])}:", text, re.M) or [words[0]]
        answer = host.call("disconnect_domain", entry=f"del-{words[0]}", domains=names)
        if words[0] in names and (host.domains / words[0]).exists() and answer["removed"] != []:
            host.call("park_domain", entry=f"del-{words[0]}", domain=words[0])
    else:
        return replay_account(host, program, words)
    return True


def replay_account(host, program, words):
    address = next((word for word in words if "@" in word and not word.startswith("&")), "")
    name, _, domain = address.partition("@")
    domain = {"alias.example": "example.com"}.get(domain, domain)
    if program == "vadduser":
        quota = "10485760S" if "-q" in words else ""
        host.add_mailbox(name, quota=quota, domain=domain)
    elif program == "vdeluser":
        host.call("park_mailbox", entry=f"del-{name}", domain=domain, name=name, hash="")
    elif program == "vsetuserquota":
        quota = {"20MB,1000C": "20971520S,1000C"}.get(words[1], words[1])
        host.call("set_quota", domain=domain, name=name, hash="", quota=quota)
    elif program == "valias" and words[0] == "-i":
        host.call("write_dotqmail", domain=domain, name=name, lines=[words[1]], expect=None)
    elif program == "valias":
        seen = host.call("read_dotqmail", domain=domain, name=name)["fingerprint"]
        host.call("remove_dotqmail", domain=domain, name=name, expect=seen)
    else:
        return False
    return True


def expected_control(step):
    return {
        name: [mode, *(c.replace(":89:89:", f":{UID}:{GID}:") for c in content or [""])]
        for name, (mode, _, *content) in step["control"].items()
        if CONTROL.match(name)
    }


@pytest.mark.parametrize("scenario", ["daily.clear", "many_domains.many"])
def test_recorded_steps(host, scenario):
    for number, step in enumerate(recorded.load(scenario)["steps"]):
        low, high = step.get("repeat") or (0, 1)
        for i in range(low, high):
            touched = replay(host, [word.replace("{i}", str(i)) for word in step["run"]])
        if not touched or "control" not in step:
            continue
        found = {
            name: [entry[1], *entry[3:]]
            for name, entry in host.tree(host.qmail).items()
            if CONTROL.match(name) and not name.endswith("cdb")
        }
        wanted = {name: entry for name, entry in expected_control(step).items() if not name.endswith("cdb")}
        assert found == wanted, (number, step["run"])
        assert {n for n in step["control"] if n.endswith("cdb")} == {
            str(p.relative_to(host.qmail)) for p in host.qmail.rglob("*cdb")
        }
        trees = {name: entry for name, entry in host.tree().items() if not name.startswith(".vqweb-trash")}
        assert trees == {n: [k, m, "vpopmail", *c] for n, (k, m, _, *c) in step["tree"].items()}, (
            number,
            step["run"],
        )
