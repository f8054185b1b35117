"""Child processes that stop with the command that started them, also when that one is killed."""

import contextlib
import os
import pwd
import shutil
import signal
import subprocess

from .console import Failure

_PATIENCE = 20  # seconds a child may take to stop before it is killed


@contextlib.contextmanager
def running(command, *, stop_signal=signal.SIGTERM, user=None, **options):
    """Run ``command`` in the background for the length of the ``with`` block.

    The child is in a session of its own: Ctrl-C reaches this program alone, which then stops its children in turn.
    The kernel sends ``stop_signal`` should this program die without getting that far.
    """
    process = subprocess.Popen(
        [*_tied_to_us(stop_signal, user), *command], start_new_session=True, stdin=subprocess.DEVNULL, **options
    )
    try:
        yield process
    finally:
        _stop(process, stop_signal)


def call(command, *, seconds=None, **options):
    """Run ``command`` to its end and return its exit code; its children end with it.

    Raises :class:`Failure` where it is not at its end after ``seconds``.
    """
    with running(command, stop_signal=signal.SIGINT, **options) as process:
        try:
            return process.wait(seconds)
        except subprocess.TimeoutExpired:
            raise Failure(f"This did not end within {seconds} s: {' '.join(map(str, command))}") from None


def as_user(user):
    """The words before a command that make it run as ``user``, without root's groups."""
    return [_setpriv(), f"--reuid={user}", f"--regid={user_group(user)}", "--clear-groups"] if user else []


def user_group(user):
    """The id of the primary group of ``user``."""
    return pwd.getpwnam(user).pw_gid


def _tied_to_us(stop_signal, user):
    words = as_user(user) or [_setpriv()]
    return [*words, f"--pdeathsig={stop_signal.name.removeprefix('SIG')}"]


def _setpriv():
    program = shutil.which("setpriv")
    if not program:
        raise Failure("The program `setpriv` is missing: install Debian's package util-linux.")
    return program


def _stop(process, stop_signal):
    if process.poll() is None:
        process.send_signal(stop_signal)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(_PATIENCE)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)  # what it left behind, such as a browser
    process.wait()
