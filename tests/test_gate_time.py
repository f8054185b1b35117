import io
import threading
import time
from datetime import datetime, timezone
from unittest.mock import patch

from odoo import Command
from odoo.tools import config, real_time

from ..inspection import sandbox
from ..inspection.trust import Trust
from ..models.gate import file_gate
from .common import AN, CRIMINAL_RECORD, DEGREE
from .inspection.authority import pdf
from .inspection.slow_pdfs import SLOW
from .protocol.office_files import zipped
from .test_gate import GateCase

PDF, ZIP = "application/pdf", "application/zip"
_LIMIT = 120


class TestGateTime(GateCase):
    """Files that are made to take long do not take Odoo's worker down with the request that brought them."""

    def setUp(self):
        super().setUp()
        own = sandbox.Sandboxes()
        self.addCleanup(own.close)
        self.patch(sandbox, "_sandbox", own)

    def look(self, content, mimetype, seconds):
        gate = file_gate.FileGate(Trust(), datetime.now(timezone.utc), until=time.monotonic() + seconds)
        began = time.monotonic()
        return gate.look(io.BytesIO(content), mimetype, file_gate.Question("", "")), time.monotonic() - began

    def test_a_file_with_many_slow_ones_within(self):
        content = zipped(**{f"{number}.pdf": SLOW for number in range(20)})
        findings, took = self.look(content, ZIP, 1)
        self.assertEqual(findings.marks, ("unclear",))
        self.assertLess(took, 3)
        self.patch(file_gate, "_SECONDS_WITHIN", 1)
        findings, took = self.look(content, ZIP, 60)
        self.assertEqual(findings.marks, ("unclear",))
        self.assertLess(took, 3)

    def test_what_comes_after_a_slow_one_is_not_passed_as_clean(self):
        findings, took = self.look(SLOW, PDF, 0.2)
        self.assertEqual((findings.marks, findings.signature_state), (("unexamined",), "unknown"))
        self.assertLess(took, 3)

    def request_that_began(self, seconds):
        """Have this thread work at a request that began so long ago, as Odoo notes it."""
        self.enterContext(patch.dict(config.options, {"limit_time_real": _LIMIT}))
        thread = threading.current_thread()
        thread.perf_t0 = real_time() - seconds
        self.addCleanup(delattr, thread, "perf_t0")

    def test_all_files_of_one_request_have_one_time(self):
        case = self.make_case(AN)
        documents = [self.document(case, code).with_user(self.clerk) for code in (CRIMINAL_RECORD, DEGREE)]
        # A third of a second is left of what may be used.
        self.request_that_began(_LIMIT - 20.3)
        began = time.monotonic()
        for document in documents:
            document.attachment_ids = [Command.create({"name": f"{one}.pdf", "raw": SLOW}) for one in range(5)]
        self.assertLess(time.monotonic() - began, 10)
        marks = [check.gate_marks for document in documents for check in document.check_ids]
        self.assertEqual(marks, ["unexamined"] * 10)

    def test_who_has_time_is_looked_at(self):
        document = self.document(self.make_case(AN), CRIMINAL_RECORD).with_user(self.clerk)
        self.request_that_began(1)
        document.attachment_ids = [Command.create({"name": "a.pdf", "raw": pdf()})]
        self.assertFalse(document.check_ids.gate_marks)
