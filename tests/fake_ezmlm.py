"""Stand-ins for ezmlm's programs, which do to files what ezmlm-idx 7 does: our own code, for tests.

`install(directory)` writes executable ezmlm-make, ezmlm-sub, ezmlm-unsub and ezmlm-idx as shell scripts,
since they are run by the domain's owner, who may not read the place of Python. A file `fail-NAME` there makes
one fail halfway."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

MAKE = """#!/bin/sh
owner= ; letters=
while :; do
  case "$1" in
    -5*) owner="${1#-5}" ;;
    -*) letters="${1#-}" ;;
    *) break ;;
  esac
  shift
done
dir="$1"; dot="$2"; here="${0%/*}"
mkdir "$dir" || { echo "ezmlm-make: fatal: file exists" >&2; exit 100; }
for part in subscribers text archive bounce allow deny mod digest; do mkdir "$dir/$part"; done
: >"$dir/lock"
if test -e "$here/fail-ezmlm-make"; then
  ln -s "$dir/editor" "$dot"
  echo "ezmlm-make: fatal: disk full" >&2
  exit 111
fi
for pair in a:archived p:public u:subpostonly m:modpost s:modsub d:digested; do
  case "$letters" in *"${pair%:*}"*) : >"$dir/${pair#*:}" ;; esac
done
if test "$owner"; then echo "&$owner" >"$dir/owner"; else echo "$dir/Mailbox" >"$dir/owner"; fi
printf 'F:-%s\\nD:%s\\nT:%s\\nL:%s\\nH:%s\\n' "$letters" "$dir" "$dot" "$3" "$4" >"$dir/config"
echo "|/usr/local/bin/ezmlm/ezmlm-store '$dir'" >"$dir/editor"
for name in manager bouncer moderator confirmer; do : >"$dir/$name"; done
ln -s "$dir/editor" "$dot"
for pair in owner:owner default:manager return-default:bouncer accept-default:moderator \\
  reject-default:moderator confirm-default:confirmer discard-default:confirmer; do
  ln -s "$dir/${pair#*:}" "$dot-${pair%:*}"
done
"""
CHANGE = """#!/bin/sh
dir="$1"; shift; here="${0%/*}"; name="${0##*/}"
case "$1" in *@*) ;; *) dir="$dir/$1"; shift ;; esac
test -e "$here/fail-$name" && { echo "$name: fatal: unable to write" >&2; exit 111; }
mkdir -p "$dir/subscribers"
for address; do
  file="$dir/subscribers/$(printf '%s' "$address" | cut -c1 | tr a-z A-Z)"
  : >>"$file"
  { tr '\\000' '\\n' <"$file" | grep -vxF "T$address"; test "$name" = ezmlm-sub && echo "T$address"; } |
    tr '\\n' '\\000' >"$file.new"
  mv "$file.new" "$file"
  test -s "$file" || rm "$file"
done
exit 0
"""


def install(place: Path) -> None:
    place.mkdir(parents=True, exist_ok=True)
    scripts = {"ezmlm-make": MAKE, "ezmlm-sub": CHANGE, "ezmlm-unsub": CHANGE, "ezmlm-idx": "#!/bin/sh\n"}
    for name, script in scripts.items():
        (place / name).write_text(script)
        (place / name).chmod(0o755)


def directory_for_everybody() -> Iterator[Path]:
    """A temporary directory that other users may pass through: programs run there as the domain's owner."""
    path = Path(tempfile.mkdtemp(prefix="vqweb-ezmlm-"))
    path.chmod(0o755)
    os.makedirs(path / "ezmlm")
    yield path
    shutil.rmtree(path, ignore_errors=True)


def put_list(domain: Path, name: str, *addresses: str) -> None:
    """A list as ezmlm would have made it, without running anything."""
    made = domain / name
    for part in ("subscribers", "archive", "text"):
        (made / part).mkdir(parents=True)
    for file in ("lock", "editor", "manager", "owner", "archived"):
        (made / file).write_text("")
    (made / "subscribers" / "A").write_bytes(b"".join(b"T" + one.encode() + b"\0" for one in addresses))
    links = {"": "editor", "-default": "manager", "-owner": "owner"}
    for suffix, target in links.items():
        (domain / f".qmail-{name}{suffix}").symlink_to(made / target)
    owner = domain.stat()
    for path in (made, *made.rglob("*")) if os.geteuid() == 0 else ():
        os.chown(path, owner.st_uid, owner.st_gid)
