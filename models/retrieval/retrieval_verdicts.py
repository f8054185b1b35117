"""What the end of one download says of the far systems on its way."""

from ...protocol.errors import FileNotAsClaimed, FileTooLarge, FileUnavailable, OutOfTime, SecurityServerFault
from ..connection.kho_dl_breaker import OWN_SERVER


def lanes_alive(lane, error):
    """Return the lanes that answered when a file behind `lane` was asked for, with `error` or with the file."""
    is_coming = isinstance(error, OutOfTime) and error.is_coming
    if error is None or is_coming or isinstance(error, FileTooLarge | FileNotAsClaimed | FileUnavailable):
        return {OWN_SERVER} if error and error.blames_remote else {OWN_SERVER, lane}
    # Another server's fault came through ours.
    return {OWN_SERVER} if isinstance(error, SecurityServerFault) and not error.blames_own_server else set()
