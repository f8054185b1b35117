"""How many files may be under way: of one process alone, or of all that share an account."""

from __future__ import annotations

from collections import Counter


class Slots:
    """One slot is one file under way, of a far system (its lane): `wanted` ones, of which `held` ones are there.

    Here all that are wanted are. Whoever shares them with others says so in `hold`, and finds in `wanted` what is needed no
    more.
    """

    def __init__(self) -> None:
        self.wanted: Counter[str] = Counter()
        self.held: Counter[str] = Counter()

    def hold(self, under_way: Counter[str]) -> None:
        """Have as many slots `held` as there are of those `wanted`; never fewer than are `under_way`."""
        self.held = Counter(self.wanted)
