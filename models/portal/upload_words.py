"""Why a file that a citizen hands in is not taken, and another way; one sentence or two each."""

from ...protocol.errors import FileFault, FileNotAsClaimed, FileTooLarge
from ...sealing import faults
from ..gate.file_gate import ENCRYPTED, INCOMPLETE, UNEXAMINED, UNREADABLE
from ..gate.gate_errors import FileInfected, GateError

_LOCKED = (FileFault.ENCRYPTED_OFFICE,)


def refused_words(env, error, name):
    """Return the words for the typed `error` about the file `name`."""
    for kind, words in _WORDS.items():
        if isinstance(error, kind):
            return words(env, name)
    if isinstance(error, FileNotAsClaimed) and error.fault in _LOCKED:
        return _locked_words(env, name)
    if isinstance(error, FileNotAsClaimed) and error.fault is FileFault.EMPTY:
        return env._("“%(file)s” is empty. Choose the file again, or take a photo of the paper.", file=name)
    if isinstance(error, FileNotAsClaimed | FileTooLarge):
        return env._(
            "“%(file)s” is of a kind that is not taken here. Hand in a PDF, or a photo of the paper (JPEG or PNG).",
            file=name,
        )
    return env._(
        "Our server cannot check files at the moment, so nothing was taken. Nothing is wrong with your file: please try "
        "again later, or bring the paper to the office."
    )


def found_words(env, marks, objections, name):
    """Return the words for what the gate found in the file `name`; "" where it may be taken."""
    if ENCRYPTED in marks:
        return _locked_words(env, name)
    if {"signature_broken", "signature_revoked"}.intersection(objections):
        return env._(
            "The electronic signature of “%(file)s” does not hold: the file was changed after signing, or the certificate was "
            "revoked. Hand in the file as you received it, or a photo of the paper.",
            file=name,
        )
    if {INCOMPLETE, UNREADABLE, UNEXAMINED}.intersection((*marks, *objections)):
        return _damaged_words(env, name)
    return ""


def _locked_words(env, name):
    return env._(
        "“%(file)s” opens with a password only, so the office could not read it. Save it without a password, or take a photo "
        "of the paper.",
        file=name,
    )


def _damaged_words(env, name):
    return env._("“%(file)s” is damaged or not whole. Choose the file again, or take a photo of the paper.", file=name)


def _photo_words(env, name):
    return env._("“%(file)s” cannot be read as a photo. Take the photo again, or choose another file.", file=name)


_WORDS = {
    faults.PhotoKindUnknown: lambda env, name: env._(
        "“%(file)s” is a photo of the kind HEIC, which cannot be read here. On an iPhone choose Settings, Camera, Formats, “Most "
        "Compatible”, and take the photo again; or send a screenshot of the photo.",
        file=name,
    ),
    faults.ScanTooMuch: lambda env, name: env._(
        "The photos are too large or too many to be put together. Hand in fewer at once, or take them with a lower resolution."
    ),
    faults.UnreadableScan: _photo_words,
    FileInfected: lambda env, name: env._(
        "The virus scanner found something in “%(file)s”, so it was not taken. Do not open it any more; take a photo of the "
        "paper instead, or bring the paper to the office.",
        file=name,
    ),
}

TYPED = (GateError, FileNotAsClaimed, faults.SealingError)
