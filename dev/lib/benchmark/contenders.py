"""Who fetches the same files: the add-on, the add-on that anybody would write first, and two scripts."""

import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import requests
from requests.adapters import HTTPAdapter

from ..console import Failure
from .stage import WIDTH, Stage

_CHUNK = 64 * 1024


@dataclass(frozen=True)
class AddOn:
    """The clerk's form over HTTP, from the press of "Attach" to the last file on the case."""

    stage: Stage
    name: str = "add-on"

    def prepare(self, id_number, addresses):
        """Return what fetches the files of a person, and returns the moment of its end; the papers are found by then.

        One small file goes before: the process that looks into PDFs sleeps after half a minute without any.
        """
        self.attach_one()
        case, form_id = self.stage.found_papers(id_number)
        return lambda: self.stage.attach(case, form_id, len(addresses))

    def whole(self, id_number, addresses):
        """Do all from the new case to the last file on it; return the moment of its end."""
        return self.stage.attach(*self.stage.found_papers(id_number), len(addresses))

    def attach_one(self):
        """Put one small file on a case of its own; return how long that took."""
        case, form_id = self.stage.found_papers(self.stage.other_side.add_person(1, 0)[0])
        started = time.perf_counter()
        return self.stage.attach(case, form_id, 1) - started


@dataclass(frozen=True)
class Naive:
    """Odoo as well, but in one loop and one commit: no check, no journal, no progress (`kho_dl_naive/`)."""

    stage: Stage
    name: str = "naive"

    def prepare(self, id_number, addresses):
        """Return what fetches the files of a person, and returns the moment of its end; the papers are found by then."""
        case, files = self._found(id_number)
        return lambda: self._attach(case, files, len(addresses))

    def whole(self, id_number, addresses):
        """Do all from the new case to the last file on it; return the moment of its end."""
        return self._attach(*self._found(id_number), len(addresses))

    def _found(self, id_number):
        case = self.stage.open_case(id_number)
        return case, self.stage.api("kho.dl.case", "naive_search", [case])

    def _attach(self, case, files, count):
        self.stage.api("kho.dl.case", "naive_attach", [case], files=files)
        ended = time.perf_counter()
        domain = [("res_model", "=", "kho.dl.case"), ("res_id", "=", case)]
        attached = self.stage.api("ir.attachment", "search_count", domain=domain)
        if attached != count:
            raise Failure(f"The naive add-on attached {attached} of {count} files, so nothing was measured.")
        return ended


@dataclass(frozen=True)
class Bare:
    """`width` threads with a session, each file into a temporary file; nothing is checked or kept."""

    name: str
    width: int

    def prepare(self, _id_number, addresses):
        """Return what fetches the files at `addresses` and returns the moment of its end."""
        return lambda: self._fetch_all(addresses)

    def _fetch_all(self, addresses):
        with requests.Session() as session, ThreadPoolExecutor(self.width) as pool:
            session.mount("http://", HTTPAdapter(pool_maxsize=self.width))
            for _done in pool.map(lambda address: fetch(session, address), addresses):
                pass
        return time.perf_counter()


def fetch(session, address, **options):
    """Fetch `address` into a temporary file that vanishes; return its size."""
    with session.get(address, stream=True, timeout=60, **options) as answer, tempfile.TemporaryFile() as file:
        answer.raise_for_status()
        for block in answer.iter_content(_CHUNK):
            file.write(block)
        return file.tell()


def sequential():
    """A loop: one file after the other, on one connection."""
    return Bare("sequential", 1)


def threaded():
    """As many threads as the add-on has."""
    return Bare("threaded", WIDTH)
