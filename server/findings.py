"""What the doctor finds: one thing that tables, files and qmail disagree about, or that will hurt one day."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from vpopmail.repairs import Repair


@dataclass(frozen=True, slots=True)
class Finding:
    """`text` says what is wrong, `evidence` what was seen, `plan` exactly what a repair does, or, without
    `repair`, what to do by hand.

    `safe`: the repair loses nothing, and changes nothing that somebody may have meant to be so.
    """

    kind: str
    subject: str
    text: str
    evidence: str = ""
    plan: str = ""
    repair: Repair | None = None
    safe: bool = False

    @property
    def key(self) -> str:
        """The finding's name: the same as long as the fault is the same."""
        return f"{self.kind}:{self.subject}"

    def as_dict(self) -> dict[str, Any]:
        return {
            "id": self.key,
            "kind": self.kind,
            "subject": self.subject,
            "text": self.text,
            "evidence": self.evidence,
            "plan": self.plan,
            "repair": self.repair is not None,
            "safe": self.safe,
        }


Examination = Callable[[], Iterator[Finding]]
