"""Downloading Debian packages without installing them, as any user.

apt keeps its lists in a folder of ours: the system's own lists and package state are read, never written.
"""

import shutil
import subprocess

from .console import Failure

_TARGETS = [
    "apt-get",
    "indextargets",
    "--no-release-info",
    "--format",
    "$(REPO_URI) $(RELEASE)",
    "Created-By: Packages",
]


class Apt:
    """apt with private lists in ``folder`` while in use: of the machine's own suite, or of ``suite`` on its mirror."""

    def __init__(self, folder, suite=None):
        self.folder = folder.absolute()
        (self.folder / "lists" / "partial").mkdir(parents=True)
        (self.folder / "cache" / "archives" / "partial").mkdir(parents=True)
        self.options = self._options(
            {
                "Dir::State::Lists": self.folder / "lists",
                "Dir::Cache": self.folder / "cache",
                # Root would hand the download to the user _apt, who cannot write into our folder.
                "APT::Sandbox::User": "root",
                # A mirror may be a snapshot of some day; what it signed is as good as then.
                "Acquire::Check-Valid-Until": "false",
                # A mirror out of reach is an error, not a warning and empty lists.
                "APT::Update::Error-Mode": "any",
            }
        )
        if suite:
            sources = self.folder / "sources.list"
            sources.write_text(f"deb {mirror()} {suite} main\n")
            self.options += self._options({"Dir::Etc::SourceList": sources, "Dir::Etc::SourceParts": "/dev/null"})
        self._apt("apt-get", "update")

    def __enter__(self):
        return self

    def __exit__(self, *_error):
        shutil.rmtree(self.folder)

    def versions(self, package):
        """The versions of ``package`` on offer, newest first."""
        lines = self._apt("apt-cache", "madison", package).splitlines()
        return [line.split("|")[1].strip() for line in lines]

    def unpack(self, packages, root):
        """Download ``packages`` (``name`` or ``name=version``) and unpack them into ``root``."""
        downloads = self.folder / "downloads"
        downloads.mkdir(exist_ok=True)
        self._apt("apt-get", "download", *packages, cwd=downloads)
        for package in sorted(downloads.glob("*.deb")):
            subprocess.run(["dpkg", "-x", package, root], check=True)
            package.unlink()

    def _apt(self, program, *arguments, cwd=None):
        command = [program, *self.options, *arguments]
        result = subprocess.run(command, check=False, cwd=cwd, capture_output=True, text=True)
        if result.returncode:
            reason = (result.stderr.strip().splitlines() or ["no reason given"])[-1]
            raise Failure(f"`{program} {' '.join(arguments)}` failed, is the network there? apt says: {reason}")
        return result.stdout

    @staticmethod
    def _options(values):
        return [word for name, value in values.items() for word in ("-o", f"{name}={value}")]


def mirror():
    """The address of the Debian mirror, as this machine's own apt sources have it."""
    if not shutil.which("apt-get") or not shutil.which("dpkg"):
        raise Failure("Odoo is unpacked with apt and dpkg, and this machine has neither: set ODOO_SRC to an Odoo 19.")
    output = subprocess.run(_TARGETS, stdout=subprocess.PIPE, text=True, check=True).stdout
    targets = [line.split() for line in output.splitlines()]
    # The archive's own suite has a plain name; "-security" and "-updates" may live on servers without sid.
    plain = [address for address, release in targets if "-" not in release and "/" not in release]
    if not plain:
        raise Failure("apt has no Debian mirror among its sources: add one to /etc/apt, or set ODOO_SRC to an Odoo 19.")
    return plain[0]
