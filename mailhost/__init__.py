"""The mail host's disk: what reads and changes qmail's control files and vpopmail's directories.

Standard library only. Imported by the panel for its grammars and its client; run as `python -m mailhost` it
is the privileged helper itself (`docs/helper.md`).
"""

VERSION = "1"
