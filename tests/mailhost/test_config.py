"""The helper's configuration."""

import os
from dataclasses import replace
from pathlib import Path

import pytest

from mailhost.config import Config
from mailhost.errors import HelperError

FULL = Config(
    vpopmail_home=Path("/home/vpopmail"),
    qmail_home=Path("/var/qmail"),
    uid=89,
    gid=90,
    state=Path("/var/lib/vqweb-helper"),
    trash_days=7,
    lock_timeout=2.5,
    uid_range=(80, 99),
    groups=frozenset({"read", "accounts"}),
    control_files=frozenset({"me"}),
    allow_programs=True,
    removals_per_hour=20,
    trash=Path("/home/trash"),
    junk_folder=True,
    clients=frozenset({33, 1000}),
)


def test_what_is_dumped_loads_as_the_same(tmp_path):
    for config in (FULL, replace(FULL, trash=None, allow_programs=False, clients=frozenset())):
        config.dump(tmp_path / "helper.conf")
        assert Config.load(tmp_path / "helper.conf") == config
        assert (tmp_path / "helper.conf").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[other]\n",
        "[helper]\nuid = 89\n",
        "[helper]\nuid = many\n",
        "[helper]\nsurprise = 1\n",
        "not ini",
    ],
)
def test_bad_files_are_refused_in_words(tmp_path, text):
    path = tmp_path / "helper.conf"
    path.write_text(text)
    path.chmod(0o600)
    with pytest.raises(HelperError) as caught:
        Config.load(path)
    assert caught.value.code == "refused" and str(path) in caught.value.message


@pytest.mark.parametrize(
    "change",
    ["uid_range = 0-100", "groups = read everything", "state = relative", "allow_programs = perhaps"],
)
def test_bad_values_are_refused(tmp_path, change):
    path = tmp_path / "helper.conf"
    FULL.dump(path)
    name = change.split(" ")[0]
    lines = [change if line.startswith(f"{name} ") else line for line in path.read_text().splitlines()]
    path.write_text("\n".join(lines))
    with pytest.raises(HelperError):
        Config.load(path)


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(HelperError):
        Config.load(tmp_path / "nothing")


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root")
@pytest.mark.parametrize(("owner", "mode"), [(4321, 0o600), (0, 0o620), (0, 0o602)])
def test_as_root_only_roots_own_file_counts(tmp_path, owner, mode):
    path = tmp_path / "helper.conf"
    FULL.dump(path)
    path.chmod(mode)
    os.chown(path, owner, 0)
    with pytest.raises(HelperError, match="must belong to root"):
        Config.load(path)


def test_the_example_in_deploy_loads(tmp_path):
    example = Path(__file__).resolve().parents[2] / "deploy" / "helper.conf"
    copy = tmp_path / "helper.conf"
    copy.write_text(example.read_text())
    copy.chmod(0o600)
    config = Config.load(copy)
    assert config.qmail_home == Path("/var/qmail") and config.trash_days == 30
