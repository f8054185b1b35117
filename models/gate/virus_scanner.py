"""The virus scanner beside this server: ClamAV's daemon, through `clamav-client` where that is installed.

The library is GPL-2 and so not among the add-on's dependencies: who wants the scanner installs it.
"""

import math
import re
import time

try:
    from clamav_client import clamd
except ImportError:
    clamd = None

from .gate_errors import FileInfected, FileNotScanned, ScannerUnreachable

IS_INSTALLED = clamd is not None
_LONGEST_NAME = 100
# However little time is left, an answer is waited for so long (s): it may take that from a scanner in good health.
_SHORTEST_WAIT = 2
_HOST_AND_PORT = re.compile(r"(?P<host>[A-Za-z0-9.-]{1,253}):(?P<port>[0-9]{1,5})")


def is_scanner_address(address):
    """Whether `address` has one of the two forms: host:port, or the path of a socket of this machine."""
    match = _HOST_AND_PORT.fullmatch(address)
    return address.startswith("/") or bool(match and 0 < int(match["port"]) < 65536)


class VirusScanner:
    """ClamAV's daemon at `address`; each of its answers may take `timeout` seconds, and all of them until `until`.

    Once it could not be reached it is not asked again: make a new one for the next run.
    """

    def __init__(self, address, timeout, until=math.inf):
        """`until`: time.monotonic()."""
        self._address = address
        self.timeout = timeout
        self._until = until
        self._failure = None

    def check(self):
        """Raise ScannerUnreachable unless the daemon answers."""
        self._call(lambda daemon: daemon.ping())

    def scan(self, file):
        """Send all of `file`, a binary stream, to the daemon; return when it found nothing.

        Raises FileInfected, FileNotScanned where the file is larger than the daemon takes, ScannerUnreachable.
        """
        if self._failure:
            raise self._failure
        try:
            results = self._call(lambda daemon: daemon.instream(_from_start(file)))
        except ScannerUnreachable as error:
            # The daemon hangs up on a file that is too large, and its word about that is mostly lost with the line.
            # One that takes too long over this file is not kept from all others.
            is_cut_off = isinstance(error.__cause__, TimeoutError) and time.monotonic() >= self._until
            if isinstance(error.__cause__, ConnectionError | TimeoutError) and not is_cut_off and self._answers():
                raise FileNotScanned("the scanner hung up on it, or took too long") from error
            self._failure = error
            raise
        states = [state for state, _name in results.values()]
        if "FOUND" in states:
            raise FileInfected(next(name or "" for state, name in results.values() if state == "FOUND")[:_LONGEST_NAME])
        if states != ["OK"]:
            raise ScannerUnreachable("the scanner gave no verdict")

    def _answers(self):
        try:
            self.check()
        except ScannerUnreachable:
            return False
        return True

    def _call(self, function):
        if clamd is None:
            raise ScannerUnreachable("the library clamav-client is not installed")
        try:
            return function(self._daemon())
        except clamd.BufferTooLongError as error:
            raise FileNotScanned("larger than the scanner takes") from error
        # Besides its own errors the library lets those of the socket and of odd answers through.
        except (clamd.ClamdError, OSError, UnicodeDecodeError) as error:
            raise ScannerUnreachable(type(error).__name__) from _cause(error)

    def _daemon(self):
        match = _HOST_AND_PORT.fullmatch(self._address)
        if match:
            return clamd.ClamdNetworkSocket(match["host"], int(match["port"]), self._seconds())
        return clamd.ClamdUnixSocket(self._address, self._seconds())

    def _seconds(self):
        """Return how long the next answer may take."""
        return min(self.timeout, max(_SHORTEST_WAIT, self._until - time.monotonic()))


def _from_start(file):
    file.seek(0)
    return file


def _cause(error):
    """Return the error of the socket that the library may have wrapped, or `error` itself."""
    return error.__cause__ or error
