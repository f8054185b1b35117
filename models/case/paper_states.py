"""What the state of a paper that we issued means, to the store as to the portal and to the figures.

Here, below the rooms that ask, and nowhere else: a new state is a row of `_STATES`.
"""

from typing import NamedTuple

from odoo.tools.translate import LazyGettext, LazyTranslate

_lt = LazyTranslate(__name__)

DRAFT, EFFECTIVE, SUPERSEDED, REVOKED = "draft", "effective", "superseded", "revoked"


class _State(NamedTuple):
    code: str
    name: str
    # Nothing of it changes any more, and it is not deleted.
    is_locked: bool = True
    # Offered for cases, there once, and can be replaced or revoked.
    is_in_store: bool = False
    # Its files are given to whoever knows their addresses, and the portal is told these.
    is_served: bool = False
    # The portal may know of it, so it hears what becomes of its addresses.
    is_told: bool = True
    # Its case has ended with an electronic result.
    is_counted: bool = True
    # What its owner reads of one that has left the store.
    words: LazyGettext | str = ""


_STATES = (
    _State(DRAFT, "Draft", is_locked=False, is_told=False, is_counted=False),
    _State(EFFECTIVE, "In the store", is_in_store=True, is_served=True),
    _State(SUPERSEDED, "Replaced", words=_lt("Replaced by a newer one")),
    _State(REVOKED, "Revoked", words=_lt("Revoked")),
)
SELECTION = [(state.code, state.name) for state in _STATES]
LOCKED, IN_STORE, SERVED, TOLD, COUNTED = (
    tuple(state.code for state in _STATES if getattr(state, meaning))
    for meaning in ("is_locked", "is_in_store", "is_served", "is_told", "is_counted")
)
# What became of those that have left the store.
ENDED = {state.code: state.words for state in _STATES if state.is_locked and not state.is_in_store}


def sql_condition(states):
    """Return the SQL, as a string, that says whether the column `state` is one of `states`."""
    return "state IN ({})".format(", ".join(f"'{state}'" for state in states))
