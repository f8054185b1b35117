"""Catalogues that say less, or say it in other ways."""

import unicodedata
from unittest.mock import patch

from ..simulator import national_catalogue
from ..simulator.national_catalogue import NationalCatalogue
from .common import CRIMINAL_RECORD, HEALTH
from .test_catalogue import CatalogueCase

BIRTH = {"MAGIAYTO": "GT01", "TENGIAYTO": "Giấy khai sinh"}
RECORD = {"MAGIAYTO": "GT02", "TENGIAYTO": "Phiếu lý lịch tư pháp"}


class ToleranceCase(CatalogueCase):
    def prepare(self):
        super().prepare()
        self.simulator.catalogue.generate(2)

    def papers(self, *papers, **values):
        """Have the procedure 9.1 ask for `papers`."""
        return self.row(THANHPHANHOSO=[{"TRUONGHOP": "", "GIAYTO": list(papers)}], **values)

    def mapped(self, *papers):
        """Return the procedure 9.1 after a run, its documents mapped: the first to a health certificate."""
        self.papers(*papers)
        self.sync()
        procedure = self.procedure_of("9.1")
        for document, code in zip(procedure.document_ids, (HEALTH, CRIMINAL_RECORD), strict=False):
            document.result_code_ids = self.codes[code]
        return procedure

    def mapping(self, procedure):
        documents = procedure.document_ids.filtered("active")
        return {document.name: document.result_code_ids.code for document in documents}

    def listing(self, change):
        """Have the list of procedures show `change(row)` in the place of each row."""
        return patch.object(NationalCatalogue, "_listed", lambda _catalogue, row: change(row))


class TestWhatIsNotSaid(ToleranceCase):
    def test_parts_that_are_null_or_missing_take_nothing_away(self):
        procedure = self.mapped(BIRTH)
        before = procedure.read(["document_ids", "result_code_ids", "agency_ids", "sector_id", "name"])
        parts = ("LINHVUCTHUCHIEN", "THANHPHANHOSO", "KETQUATHUCHIEN", "COQUANTHUCHIEN")
        row = self.simulator.catalogue._procedures()["9.1"]
        for said in ({**row, **dict.fromkeys(parts)}, {"MATTHC": "9.1", "TENTTHC": None}):
            self.simulator.catalogue.put(said)
            sync = self.sync()
            self.assertEqual(self.counts(sync), [0, 0, 0, 11, 0])
            self.assertEqual(
                procedure.read(["document_ids", "result_code_ids", "agency_ids", "sector_id", "name"]), before
            )

    def test_a_list_that_names_the_parts_and_leaves_them_empty_is_completed(self):
        self.row()
        parts = ("LINHVUCTHUCHIEN", "THANHPHANHOSO", "KETQUATHUCHIEN", "COQUANTHUCHIEN")
        for nothing in (None, []):
            with self.listing(lambda row, nothing=nothing: {**row, **dict.fromkeys(parts, nothing)}):
                self.sync()
            self.assertEqual(len(self.procedure_of("9.1").document_ids), 1)
            self.assertTrue(self.procedure_of("9.1").agency_ids)

    def test_a_part_without_its_name_keeps_the_name_that_is_known(self):
        self.row()
        self.sync()
        self.row(
            "9.2", KETQUATHUCHIEN=[{"MAKETQUA": "KQ.X"}], COQUANTHUCHIEN=[{"MADONVI": "H46.01"}],
            LINHVUCTHUCHIEN=[{"MALINHVUC": "LV001"}], THANHPHANHOSO=[{"GIAYTO": [{"MAGIAYTO": "G7"}]}],
        )  # fmt: skip
        self.papers({"MAGIAYTO": "G1"}, TENTTHC=None)
        self.sync()
        first, second = self.procedure_of("9.1"), self.procedure_of("9.2")
        self.assertEqual(second.result_code_ids.name, "Kết quả X")
        self.assertEqual(second.agency_ids.name, "Sở Tư pháp Quảng Bình")
        self.assertEqual(second.sector_name, "Hộ tịch")
        self.assertEqual((first.name, first.document_ids.name), ("Một thủ tục", "Giấy khai sinh"))
        self.assertEqual(second.document_ids.name, "G7")

    def test_a_name_that_comes_later_takes_the_place_of_the_code(self):
        self.row(KETQUATHUCHIEN=[{"MAKETQUA": "KQ.NEW"}])
        self.sync()
        self.row(KETQUATHUCHIEN=[{"MAKETQUA": "KQ.NEW", "TENKETQUA": "Giấy mới"}])
        self.sync()
        self.assertEqual(self.procedure_of("9.1").result_code_ids.name, "Giấy mới")

    def test_only_what_changed_is_written_though_lists_and_procedures_name_agencies_differently(self):
        self.row(
            COQUANTHUCHIEN=[{"MADONVI": "G15", "TENDONVI": "Bộ Tư pháp"}, {"MADONVI": "H46.01", "TENDONVI": "Sở TP"}]
        )
        self.sync()
        agencies = self.env["kho.dl.agency"].with_context(active_test=False).search([])
        self.assertIn("Bộ Tư pháp", agencies.filtered("active").mapped("name"))
        self.assertEqual(agencies.filtered(lambda agency: agency.code == "H46.01").name, "Sở Tư pháp Quảng Bình")
        self.env.cr.execute("SELECT id, xmin::text, ctid::text FROM kho_dl_agency ORDER BY id")
        before = self.env.cr.fetchall()
        self.sync()
        self.env.cr.execute("SELECT id, xmin::text, ctid::text FROM kho_dl_agency ORDER BY id")
        self.assertEqual(self.env.cr.fetchall(), before)

    def test_a_name_that_a_procedure_gives_anew_is_followed(self):
        self.row()
        self.sync()
        self.row(KETQUATHUCHIEN=[{"MAKETQUA": "KQ.X", "TENKETQUA": "Kết quả X mới"}])
        self.sync()
        self.assertEqual(self.procedure_of("9.1").result_code_ids.name, "Kết quả X mới")

    def test_lists_that_there_are_not_stop_nothing(self):
        self.row()
        with (
            patch.object(national_catalogue, "_sector_rows", lambda: iter(())),
            patch.object(national_catalogue, "_agency_rows", lambda: iter(())),
        ):
            sync = self.sync()
        self.assertEqual(sync.state, "done")
        self.assertIn("could not be read", sync.remark)
        self.assertEqual(self.procedure_of("9.1").sector_name, "Hộ tịch")

    def test_a_list_of_agencies_that_was_cut_off_archives_none_and_one_that_lost_few_does(self):
        rows = [{"MADONVI": f"X{number}", "TENDONVI": f"Cơ quan {number}"} for number in range(60)]
        agencies = self.env["kho.dl.agency"]
        for length, left in ((60, 60), (5, 60), (45, 45)):
            with patch.object(national_catalogue, "_agency_rows", lambda length=length: iter(rows[:length])):
                self.sync()
            self.assertEqual(agencies.search_count([("code", "like", "X%")]), left)

    def test_an_agency_archived_by_hand_stays_so_after_a_gap_in_the_list(self):
        rows = [{"MADONVI": f"X{number}", "TENDONVI": f"Cơ quan {number}"} for number in range(5)]
        for length in (5, 4, 5):
            with patch.object(national_catalogue, "_agency_rows", lambda length=length: iter(rows[:length])):
                self.sync()
            agency = self.env["kho.dl.agency"].with_context(active_test=False).search([("code", "=", "X4")])
            if length == 5:
                agency.active = False
        self.assertFalse(agency.active)


class TestSamePaper(ToleranceCase):
    """A mapping stays with its paper, whatever the catalogue does to codes."""

    def test_codes_that_are_positions_move(self):
        procedure = self.mapped(BIRTH, RECORD)
        self.papers(
            {"MAGIAYTO": "GT01", "TENGIAYTO": "Tờ khai"}, {**BIRTH, "MAGIAYTO": "GT02"}, {**RECORD, "MAGIAYTO": "GT03"}
        )
        self.sync()
        self.assertEqual(
            self.mapping(procedure),
            {"Tờ khai": False, "Giấy khai sinh": HEALTH, "Phiếu lý lịch tư pháp": CRIMINAL_RECORD},
        )
        self.papers(RECORD, BIRTH)
        self.sync()
        self.assertEqual(self.mapping(procedure), {"Giấy khai sinh": HEALTH, "Phiếu lý lịch tư pháp": CRIMINAL_RECORD})

    def test_of_two_papers_with_one_code_the_first_goes_and_returns(self):
        other = {**RECORD, "MAGIAYTO": "GT01"}
        procedure = self.mapped(BIRTH, other)
        self.papers(other)
        self.sync()
        self.assertEqual(self.mapping(procedure), {"Phiếu lý lịch tư pháp": CRIMINAL_RECORD})
        self.papers(BIRTH, other)
        self.sync()
        self.assertEqual(self.mapping(procedure), {"Giấy khai sinh": HEALTH, "Phiếu lý lịch tư pháp": CRIMINAL_RECORD})

    def test_a_paper_that_is_gone_does_not_come_back_as_another(self):
        first = {"MAGIAYTO": "GT01", "TENGIAYTO": "Tờ khai"}
        procedure = self.mapped(first, {**BIRTH, "MAGIAYTO": "GT02"})
        for name in ("Thẻ căn cước", "Hộ chiếu"):
            self.papers(first, {"MAGIAYTO": "GT02", "TENGIAYTO": name})
            self.sync()
            self.assertEqual(self.mapping(procedure), {"Tờ khai": HEALTH, name: False})

    def test_a_document_that_gets_its_name_later_is_the_same(self):
        procedure = self.mapped({"MAGIAYTO": "G7"})
        self.papers({"MAGIAYTO": "G7", "TENGIAYTO": "Giấy xác nhận"}, TENTTHC=None)
        self.sync()
        self.assertEqual(self.mapping(procedure), {"Giấy xác nhận": HEALTH})
        self.papers({"TENGIAYTO": "Giấy xác nhận"})
        self.sync()
        self.papers({"MAGIAYTO": "G8", "TENGIAYTO": "Giấy xác nhận"})
        self.sync()
        self.assertEqual(
            (procedure.document_ids.filtered("active").code, self.mapping(procedure)), ("G8", {"Giấy xác nhận": HEALTH})
        )

    def test_another_paper_under_the_same_code_is_to_be_mapped_anew(self):
        procedure = self.mapped(BIRTH)
        self.papers({**BIRTH, "TENGIAYTO": "Giấy chứng tử"})
        sync = self.sync()
        self.assertEqual(self.mapping(procedure), {"Giấy chứng tử": False})
        self.assertIn("no longer asked for: Giấy khai sinh", sync.change_ids.details_text)
        self.papers(BIRTH)
        self.sync()
        self.assertEqual(self.mapping(procedure), {"Giấy khai sinh": HEALTH})

    def test_a_word_more_under_the_same_code_is_another_paper(self):
        poor = {"MAGIAYTO": "GT01", "TENGIAYTO": "Giấy chứng nhận hộ nghèo năm 2023"}
        others = ("Giấy chứng nhận hộ cận nghèo năm 2023", "Giấy chứng nhận hộ nghèo năm 2024", "Giấy hộ nghèo 2")
        for number, name in enumerate(others):
            with self.subTest(name):
                procedure = self.mapped(poor)
                self.papers({**poor, "TENGIAYTO": name})
                self.sync()
                self.assertEqual(self.mapping(procedure), {name: False}, number)
                procedure.with_context(active_test=False).document_ids.unlink()

    def test_what_says_nothing_of_a_paper_is_what_the_office_says_now(self):
        procedure = self.mapped(BIRTH)
        [document] = procedure.document_ids
        self.env["kho.dl.abbreviation"].create({"short": "khổ lớn", "full": False})
        self.papers({**BIRTH, "TENGIAYTO": "Giấy khai sinh khổ lớn"})
        self.sync()
        self.assertEqual((procedure.document_ids, document.result_code_ids), (document, self.codes[HEALTH]))

    def test_another_spelling_is_the_same_paper(self):
        procedure = self.mapped(BIRTH)
        [document] = procedure.document_ids
        for name in ("Giấy khai sinh (bản sao)", "GIẤY KHAI  SINH", "Giấy khai sính"):
            self.papers({**BIRTH, "TENGIAYTO": name})
            self.sync()
            self.assertEqual((procedure.document_ids, document.result_code_ids), (document, self.codes[HEALTH]))
        self.assertEqual(document.name, "Giấy khai sính")

    def test_a_code_that_is_missing_for_a_day_and_names_in_other_letters(self):
        procedure = self.mapped(BIRTH)
        decomposed = unicodedata.normalize("NFD", "Giấy khai sinh")
        for paper in ({**BIRTH, "MAGIAYTO": None}, {"TENGIAYTO": "Giấy  khai sinh"}, {"TENGIAYTO": decomposed}, BIRTH):
            self.papers(paper)
            self.sync()
            self.assertEqual(self.mapping(procedure), {"Giấy khai sinh": HEALTH})
        self.assertEqual(len(procedure.with_context(active_test=False).document_ids), 1)
        self.assertEqual(procedure.document_ids.code, "GT01")

    def test_circumstances_named_by_hand_are_known(self):
        groups = [{"TRUONGHOP": "A", "GIAYTO": [BIRTH]}, {"TRUONGHOP": "B", "GIAYTO": [BIRTH, RECORD]}]
        self.row(THANHPHANHOSO=groups)
        self.sync()
        procedure = self.procedure_of("9.1")
        procedure.variant_ids[1].name = "Khi ủy quyền"
        groups[1]["GIAYTO"].append({"MAGIAYTO": "GT03", "TENGIAYTO": "Giấy ủy quyền"})
        self.row(THANHPHANHOSO=groups)
        self.sync()
        self.assertEqual(procedure.variant_ids.mapped("name"), ["A", "Khi ủy quyền"])
        self.assertEqual(procedure.document_ids[1:].variant_ids.name, "Khi ủy quyền")

    def test_what_changed_about_circumstances_and_forms_is_said(self):
        groups = [{"TRUONGHOP": "A", "GIAYTO": [BIRTH]}, {"TRUONGHOP": "B", "GIAYTO": [BIRTH, RECORD]}]
        self.row(THANHPHANHOSO=groups)
        self.sync()
        self.row(THANHPHANHOSO=[groups[0], {"TRUONGHOP": "B", "GIAYTO": [RECORD]}])
        self.assertEqual(
            self.sync().change_ids.details_text, "Document “Giấy khai sinh” is asked for in other circumstances"
        )
        self.row(THANHPHANHOSO=[{"TRUONGHOP": "A", "GIAYTO": [{**BIRTH, "TENMAUDON": "Mẫu 1"}]}, *groups[1:]])
        self.assertIn("Document “Giấy khai sinh”, Name of the form: new “Mẫu 1”", self.sync().change_ids.details_text)
        self.row(THANHPHANHOSO=[groups[1]])
        self.sync()
        self.row(THANHPHANHOSO=groups)
        self.assertIn("New circumstances: A", self.sync().change_ids.details_text)

    def test_a_shared_procedure_ends_where_nobody_else_has_a_catalogue(self):
        shared = self.procedures.create({"code": "9.1", "name": "Một thủ tục", "company_id": False})
        self.row()
        self.sync()
        self.simulator.catalogue.remove("9.1")
        names = ("kho_dl_ss_url", "kho_dl_unit_code", "kho_dl_username", "kho_dl_password")
        connection = {name: self.company[name] for name in names}
        other = self.env["res.company"].create({"name": "Another agency", **connection})
        self.sync()
        self.assertTrue(shared.active)
        other.sudo().kho_dl_username = False
        self.sync()
        self.assertFalse(shared.active)
