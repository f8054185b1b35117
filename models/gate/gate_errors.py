"""Why a file that arrived whole is not attached; typed like the errors of `protocol/`, see `error_messages`."""

from ...protocol.errors import KhoDLError


class GateError(KhoDLError):
    """The gate does not let a file pass."""


class ScannerUnreachable(GateError):
    """The virus scanner that the settings name does not answer, or not in a way that can be understood."""

    is_transient = True


class InspectionUnavailable(GateError):
    """This machine could not look into a file now: no process, no room."""

    is_transient = True


class FileNotScanned(GateError):
    """The virus scanner does not take the file, because of its size."""


class FileInfected(GateError):
    """The virus scanner found something; `detail` is its name for that."""


class FileQuestioned(GateError):
    """The file needs a clerk who says why it is attached all the same; `findings` tell what is wrong with it."""

    def __init__(self, findings):
        super().__init__(", ".join(findings.objections))
        self.findings = findings
