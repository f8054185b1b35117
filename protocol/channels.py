"""The ways by which an application comes in (KenhThucHien, guideline V.2): a further one is a row of `_CHANNELS`."""

from typing import NamedTuple


class _Channel(NamedTuple):
    code: str
    name: str
    # An officer receives it: named in each question, asks for the applicant's consent, makes the files of what is handed in.
    has_officer: bool
    # The result goes back by public post.
    is_posted: bool = False


_CHANNELS = (
    _Channel("1", "At the counter", has_officer=True),
    _Channel("2", "Online", has_officer=False),
    _Channel("3", "By public post", has_officer=True, is_posted=True),
)
SELECTION = [(channel.code, channel.name) for channel in _CHANNELS]
WITH_OFFICER = frozenset(channel.code for channel in _CHANNELS if channel.has_officer)
BY_CITIZEN = frozenset(channel.code for channel in _CHANNELS if not channel.has_officer)
POSTED = frozenset(channel.code for channel in _CHANNELS if channel.is_posted)
