"""What a step of an acceptance run meets that is no fault of the wire."""

from ...protocol.errors import KhoDLError


class NumberTaken(KhoDLError):
    """The portal has a case with the number of the test case already, which may be anybody's."""


class CaseNotFound(KhoDLError):
    """The portal does not know the test case that it has just accepted."""


class WrongContent(KhoDLError):
    """What came is not the file of ours that was asked for."""


class NothingToTry(KhoDLError):
    """A step has nothing to work on, or no way, which is nobody's fault; `reason` is the error that says so, if any."""

    def __init__(self, detail, reason=None):
        super().__init__(detail)
        self.reason = reason
