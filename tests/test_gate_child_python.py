import sys
import sysconfig
import tempfile
import venv
from pathlib import Path

from ..inspection import sandbox
from ..models.gate import child_python
from ..models.health.health_check import CHECKS, DANGER, WARNING, examine, trouble_words
from ..protocol.content import sniff
from ..sealing.copy_mark import CopyMark
from ..sealing.faults import WorkshopBroken
from ..sealing.workshop import marked_copy
from .common import CRIMINAL_RECORD
from .inspection.authority import NOW, pdf
from .test_gate import GateCase


class TestChildPython(GateCase):
    """Another interpreter for the children that look into files and make copies."""

    def setUp(self):
        super().setUp()
        self.addCleanup(child_python._asked.cache_clear)

    def other_python(self, version=""):
        """Return the interpreter of a new environment with the packages of this one, and pyHanko as `version`."""
        folder = self.enterContext(tempfile.TemporaryDirectory())
        venv.EnvBuilder(symlinks=True, with_pip=False).create(folder)
        [packages] = Path(folder).glob("lib/python3*/site-packages")
        (packages / "ours.pth").write_text(sysconfig.get_path("purelib"))
        if version:
            about = packages / f"pyhanko-{version}.dist-info"
            about.mkdir()
            (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: pyHanko\nVersion: {version}\n")
        return f"{folder}/bin/python"

    def use(self, python):
        self.env["ir.config_parameter"].set_param("kho_dl.python", python)
        child_python._asked.cache_clear()

    def troubles(self):
        _facts, found = examine(self.env, self.company, NOW.replace(tzinfo=None))
        return {trouble.kind: trouble for trouble in found}

    def test_it_looks_into_files(self):
        python = self.other_python()
        self.use(python)
        self.give(self.authority.sign(pdf()))
        self.assertEqual(self.row(self.attach()).signature_state, "unknown_signer")
        own = sandbox._sandbox_of(python)
        self.addCleanup(own.close)
        [process_id] = own.process_ids
        command = Path(f"/proc/{process_id}/cmdline").read_bytes().split(b"\0")[0].decode()
        self.assertEqual(command, python)
        self.assertFalse({"python", "library"} & self.troubles().keys())

    def test_it_makes_copies(self):
        mark = CopyMark("copy", "So Tu phap", NOW)
        self.assertEqual(sniff(marked_copy([pdf()], mark, None, self.other_python())), "application/pdf")
        with self.assertRaises(WorkshopBroken):
            marked_copy([pdf()], mark, None, "/nowhere/python3")

    def test_a_wrong_path_loses_nothing_and_is_said(self):
        self.use("/nowhere/python3")
        wizard = self.attach()
        row = self.row(wizard)
        self.assertEqual((row.state, row.error_kind), ("pending", "inspection_unavailable"))
        trouble = self.troubles()["python"]
        self.assertEqual((trouble.level, trouble.is_for_all), (DANGER, True))
        what, advice = trouble_words(self.env, trouble)
        self.assertIn("FileNotFoundError", what)
        self.assertIn("kho_dl.python", advice)
        button = CHECKS["python"].place.words
        self.assertEqual(self.env._(button), "System parameters")
        self.use("")
        self.assertFalse({"python", "library"} & self.troubles().keys())
        row._make_due()
        self.env["kho.dl.retrieval"]._cron_process()
        self.assertEqual(row.state, "done")
        self.assertTrue(self.document(wizard.case_id, CRIMINAL_RECORD).attachment_ids)

    def test_an_interpreter_without_the_libraries_is_said(self):
        folder = self.enterContext(tempfile.TemporaryDirectory())
        venv.EnvBuilder(symlinks=True, with_pip=False).create(folder)
        self.use(f"{folder}/bin/python")
        self.assertIn("ModuleNotFoundError", self.troubles()["python"].values["fault"])
        self.assertEqual(self.row(self.attach()).state, "pending")

    def test_no_other_program_can_be_named(self):
        for path in ("/bin/sh", "python3", "../python3", "/usr/bin/python3-config", "/bin/sh -c python3"):
            with self.subTest(path):
                self.use(path)
                self.assertEqual(child_python.child_python(self.env), "/dev/null")
        self.use(f" {sys.executable} ")
        self.assertEqual(child_python.child_python(self.env), sys.executable)

    def test_a_missing_renderer_is_said(self):
        python = self.other_python()
        self.use(python)
        self.assertNotIn("renderer", self.troubles())
        [packages] = Path(python).parents[1].glob("lib/python3*/site-packages")
        # As a file that hides one: the others stay where they are.
        hide = "import sys, importlib.machinery as m\nfind = m.PathFinder.find_spec\n"
        hide += "m.PathFinder.find_spec = lambda name, *more: None if name == 'pypdfium2' else find(name, *more)\n"
        (packages / "hide.py").write_text(hide)
        # Not as sitecustomize: a distribution has one of its own, which comes first.
        (packages / "hide.pth").write_text("import hide\n")
        self.use(python)
        trouble = self.troubles()["renderer"]
        self.assertEqual((trouble.level, trouble.is_quiet), (WARNING, True))
        self.assertIn("pypdfium2", " ".join(trouble_words(self.env, trouble)))

    def test_a_library_with_a_known_fault_is_said(self):
        for version, expected in (("0.28.0", WARNING), ("0.36.1", WARNING), ("0.36.2", None), ("0.40.0", None)):
            with self.subTest(version):
                self.use(self.other_python(version))
                trouble = self.troubles().get("library")
                self.assertEqual(trouble and trouble.level, expected)
                if trouble:
                    self.assertTrue(trouble.is_quiet)
                    self.assertIn(version, trouble_words(self.env, trouble)[0])
