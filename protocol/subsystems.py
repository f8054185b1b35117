"""X-Road subsystems as the security server's screen shows them (guideline V.4)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Subsystem:
    """One subsystem: a destination code in its four parts."""

    instance: str
    member_class: str
    member_code: str
    subsystem_code: str

    @property
    def subject(self) -> str:
        """Return the name under which ADD SUBJECT lists it, e.g. "SUBSYSTEM:VN:GOV:000.00.00.G22:vpcpcdvcqgsub01"."""
        return f"SUBSYSTEM:{self.instance}:{self.member_class}:{self.member_code}:{self.subsystem_code}"

    @property
    def keyword(self) -> str:
        """Return the word to search for: the last group of the member code, "G22" in the guideline's example."""
        return self.member_code.rpartition(".")[2]


def parse_dstcode(dstcode: str) -> Subsystem | None:
    """Return what `dstcode` names, e.g. "VN:GOV:000.00.00.G22:vpcpcdvcqgsub01"; None for what is no subsystem."""
    parts = [part.strip() for part in dstcode.split(":")]
    return Subsystem(*parts) if len(parts) == 4 and all(parts) else None
