import base64
import csv
import io
import unicodedata
import zipfile

from odoo.exceptions import AccessError, UserError

from ..models.common.xlsx_report import TEXT, Sheet, workbook_of
from .common import new_test_user
from .test_connection_branches import BranchCase

HEADINGS = ["Unit code", "Name of the office", "Unit code of the office above", "Address", "Phone", "Email"]
VIETNAMESE = ["Mã đơn vị", "Tên đơn vị", "Mã đơn vị cấp trên", "Địa chỉ", "Điện thoại", "Email"]
_TONES = "\u0300\u0301\u0303\u0309\u0323"


def table(*rows, headings=HEADINGS, encoding="utf-8", separator=",", head=""):
    content = io.StringIO()
    writer = csv.writer(content, delimiter=separator)
    writer.writerows([headings, *rows])
    text = head + content.getvalue()
    if encoding == "cp1258":
        return base64.b64encode(in_windows_1258(text))
    return base64.b64encode(text.encode(encoding))


def in_windows_1258(text):
    """Return `text` as Excel in Vietnam saves it: letters with a tone are two signs, except those that Latin has, too."""
    encoded = b""
    for char in unicodedata.normalize("NFC", text):
        parts = unicodedata.normalize("NFD", char)
        tones = "".join(part for part in parts if part in _TONES)
        letter = unicodedata.normalize("NFC", "".join(part for part in parts if part not in _TONES))
        encoded += (letter + tones).encode("cp1258")
    return encoded


class TestOffices(BranchCase):
    # Statements are counted.
    keeps_memory = False

    users = {"administrator": {"login": "office_admin", "groups": "base.group_system"}}

    def prepare(self):
        super().prepare()
        self.company.partner_id.lang = "en_US"

    def form(self, content, name="offices.csv", **values):
        forms = self.env["kho.dl.office.import"].with_user(self.administrator)
        return forms.create({"file": content, "file_name": name, **values})

    def office(self, code):
        companies = self.env["res.company"].with_context(active_test=False)
        return companies.search([("kho_dl_unit_code", "=", code)])

    # Proves K.1-2.
    def test_150_offices_in_one_step_from_excel_in_vietnam(self):
        names = [f"Phường Đắk Lắk số {number}" for number in range(10)]
        rows = [[f"H46.{number}", name, "", "1 Lê Lợi", "0234 382", ""] for number, name in enumerate(names)]
        rows += [
            [
                f"H46.{number % 10}.{number}",
                f"Xã Nghĩa Lộ {number}",
                f"h46.{number % 10}",
                "",
                "",
                f"xa{number}@example.com",
            ]
            for number in range(10, 150)
        ]
        content = table(*reversed(rows), headings=VIETNAMESE, encoding="cp1258", separator=";")
        form = self.form(content)
        form.action_check()
        self.assertFalse(form.faults)
        self.assertIn("150 new offices, 0 changed", form.summary)
        self.assertFalse(self.office("H46.1"))
        form.action_import()
        first, last = self.office("H46.1"), self.office("H46.9.149")
        self.assertEqual((first.name, first.street, first.phone), ("Phường Đắk Lắk số 1", "1 Lê Lợi", "0234 382"))
        self.assertEqual((first.parent_id, last.parent_id), (self.company, self.office("H46.9")))
        self.assertEqual((last.name, last.email), ("Xã Nghĩa Lộ 149", "xa149@example.com"))
        self.assertEqual((last.kho_dl_username, last.kho_dl_password), ("h46", "h46-demo"))
        self.assertEqual(last.partner_id.lang, "en_US")
        form.action_check()
        self.assertIn("0 new offices, 0 changed, 150 unchanged", form.summary)

    def test_no_office_is_looked_up_at_the_service_of_odoo(self):
        """Its module for addresses asks about each company that has mail, and waits up to five seconds for each."""
        companies = self.env.registry["res.company"]
        if "iap_enrich_auto_done" not in companies._fields:
            self.skipTest("partner_autocomplete is not installed")
        made, create = [], companies.create

        def remembering(model, vals_list):
            made.extend(vals_list)
            return create(model, vals_list)

        self.patch(companies, "create", remembering)
        self.form(table(["H46.1", "Xã Một", "", "", "", "xa1@hue.gov.vn"])).action_import()
        self.assertEqual([vals["iap_enrich_auto_done"] for vals in made], [True])

    def test_tables_as_they_are_saved(self):
        rows = [["H46.1", "Phường Thuận Hóa", "", "Số 5; tổ 2", "", ""]]
        sheet = Sheet("", [(heading, 20, TEXT) for heading in VIETNAMESE], rows)
        for number, content in enumerate(
            [
                table(*rows, headings=VIETNAMESE, encoding="utf-8-sig"),
                table(*rows, headings=VIETNAMESE, encoding="utf-8-sig", separator=";"),
                table(*rows, headings=VIETNAMESE, encoding="utf-16", separator="\t"),
                table(*rows, headings=VIETNAMESE, encoding="cp1258", separator="\t"),
                table(["H46.1", "Phường Thuận Hóa"], headings=["MaDonVi", "TenDonVi"]),
                table(["H46.1", "Phường Thuận Hóa"], ["", ""], headings=["code", "name"], separator=";"),
                base64.b64encode(workbook_of([sheet])),
            ]
        ):
            # Excel's "Unicode Text" ends in .txt; other systems call what they bring out .xls.
            form = self.form(content, f"offices.{ {2: 'txt', 4: 'xls', 6: 'xlsx'}.get(number, 'csv') }")
            form.action_check()
            self.assertFalse(form.faults, number)
            self.assertEqual(form.news, "H46.1 Phường Thuận Hóa", number)

    def test_faults_by_row_and_nothing_half(self):
        self.commune.kho_dl_unit_code = "H46.9"
        taken = self.env["res.company"].create({"name": "Taken"})
        form = self.form(
            table(
                ["H46.1", "One", "", "", "", ""],
                ["H46.1", "Two", "", "", "", ""],
                ["", "Three", "", "", "", ""],
                ["H46.4", "", "", "", "", ""],
                ["H46.5", taken.name, "", "", "", ""],
                ["H46.6", "One", "", "", "", ""],
                ["H46.7", "Seven", "H99", "", "", ""],
                ["H46.8", "Eight", "H46.10", "", "", ""],
                ["H46.10", "Ten", "H46.8", "", "", ""],
                ["H46.9", "Commune", "H46.1", "", "", ""],
                ["H46.11", "Eleven", "", "", "", "nobody"],
                ["H46 12", "Twelve", "", "", "", ""],
            )
        )
        form.action_check()
        faults = form.faults.splitlines()
        places = sorted((int(fault.split()[1].strip(",")), fault.split("“")[1].split("”")[0]) for fault in faults)
        above = "Unit code of the office above"
        self.assertEqual(
            places,
            [
                (3, "Unit code"),
                (4, "Unit code"),
                (5, "Name of the office"),
                (6, "Name of the office"),
                (7, "Name of the office"),
                (8, above),
                (9, above),
                (10, above),
                (11, above),
                (12, "Email"),
                (13, "Unit code"),
            ],
        )
        with self.assertRaises(UserError):
            form.action_import()
        self.assertFalse(self.office("H46.1"))

    def test_a_title_above_the_headings_and_marks_of_what_is_needed(self):
        """Lists of a province are made to be printed."""
        title = "DANH SÁCH CÁC ĐƠN VỊ\r\n;;\r\n"
        headings = ["STT", "Mã đơn vị (*)", "Tên đơn vị (*)"]
        row = ["1", "H46.1", "Phường Thuận Hóa "]
        form = self.form(table(row, headings=headings, encoding="cp1258", separator=";", head=title))
        form.action_check()
        self.assertEqual((form.faults, form.news), (False, "H46.1 Phường Thuận Hóa"))
        form = self.form(table(["1", "", "Two"], headings=headings, separator=";", head=title))
        form.action_check()
        self.assertIn("Row 4, ", form.faults)

    def test_codes_that_lost_their_zeros_are_no_new_offices(self):
        self.commune.kho_dl_unit_code = "00004"
        form = self.form(
            table(
                ["4", "Another", "", "", "", ""],
                ["00007", "Seven", "", "", "", ""],
                ["7", "Seven again", "", "", "", ""],
                ["00031", "Thirty-one", "7", "", "", ""],
                ["00032", "Thirty-two", "00004", "", "", ""],
            )
        )
        form.action_check()
        faults = form.faults.splitlines()
        self.assertEqual([fault.split(",")[0] for fault in faults], ["Row 2", "Row 4"])
        self.assertIn("00004", faults[0])
        form = self.form(table(["00031", "Thirty-one", "4", "", "", ""]))
        form.action_check()
        self.assertIn("00004", form.faults)
        self.assertNotIn("\n", form.faults)

    def test_telephones_that_lost_their_zero_get_it_back(self):
        written = ["912345678", "2438250123", "0912 345 678", "19001009", "84912345678", "9123456780", "243825012"]
        rows = [[f"H46.{place}", f"Office {place}", "", "", phone] for place, phone in enumerate(written)]
        self.form(table(*rows)).action_import()
        self.assertEqual([self.office(row[0]).phone for row in rows], ["0912345678", "02438250123", *written[2:]])

    def test_a_code_that_is_shorter_than_all_others_is_pointed_at(self):
        rows = [[f"{number:05d}", f"Xã {number}", "", "", "", ""] for number in range(40, 48)]
        form = self.form(table(*rows))
        form.action_check()
        self.assertFalse(form.doubts)
        form = self.form(table(*rows, ["131", "Xã 131", "", "", "", ""]))
        form.action_check()
        self.assertFalse(form.faults)
        self.assertIn("zeros in front were lost: 131.", form.doubts)
        self.assertNotIn("zeros", form.summary)

    def test_letters_that_were_lost_are_seen(self):
        form = self.form(
            table(["H46.1", "Ph??ng Thu?n Hóa", "", "", "", ""], ["H46.2", "Xã Bốn", "", "Hỏi ở đâu?", "", ""])
        )
        form.action_check()
        self.assertIn("lost letters", form.faults)
        self.assertNotIn("\n", form.faults)
        # Where the headings have lost theirs, too, that is why they are not found.
        form = self.form(table(["H46.1", "Ph??ng"], headings=["Mã ??n v?", "Tên ??n v?"]))
        form.action_check()
        self.assertIn("lost letters", form.faults)

    def test_what_is_no_table_is_said(self):
        for content in (b"", b"PK nothing", b"\xd0\xcf\x11\xe0 nothing", b"\xff\xd8\xff\xe0 a picture", b"\0\1"):
            with self.assertRaises(UserError):
                self.form(base64.b64encode(content)).action_import()
        form = self.form(table(["x", "y"], headings=["One", "Two"]))
        form.action_check()
        self.assertIn("The column “Unit code” is missing", form.faults)
        form = self.form(table())
        form.action_check()
        self.assertIn("headings only", form.faults)

    def test_a_file_that_only_looks_like_a_book_is_no_table(self):
        other = io.BytesIO()
        with zipfile.ZipFile(other, "w") as archive:
            archive.writestr("letter.txt", "Dear office")
        for content in (other.getvalue(), b"PK\x03\x04 torn"):
            for name in ("offices.xlsx", "offices.ods", "offices"):
                with self.assertRaisesRegex(UserError, "cannot be read as a table"):
                    self.form(base64.b64encode(content), name).action_import()

    def test_a_table_that_is_too_large_is_refused_before_it_is_read(self):
        long = io.BytesIO()
        with (
            zipfile.ZipFile(long, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as book,
            book.open("xl/worksheets/sheet1.xml", "w") as sheet,
        ):
            for _part in range(210):
                sheet.write(bytes(1024 * 1024))
        for content, name in (
            (base64.b64encode(long.getvalue()), "offices.xlsx"),
            (table(*([f"H46.{number}", f"Office {number}"] for number in range(100_000))), "offices.csv"),
        ):
            with self.assertRaisesRegex(UserError, "at most 5000 rows"):
                self.form(content, name).action_import()

    def test_offices_that_are_there_are_changed_and_come_back(self):
        self.commune.kho_dl_unit_code, self.ward.kho_dl_unit_code = "H46.1", "H46.1.1"
        self.ward.active = False
        self.commune.kho_dl_username = "own"
        name, ward = self.commune.name, self.ward.name
        form = self.form(table(["h46.1", name, "", "New street", "", ""], ["H46.1.1", "New ward", "H46.1", "", "", ""]))
        form.action_check()
        self.assertEqual(
            form.changes.splitlines(),
            [
                f"h46.1 {name}: Address – → New street",
                f"H46.1.1 {ward}: Name of the office {ward} → New ward",
                f"H46.1.1 {ward} comes back from the archive",
            ],
        )
        form.action_import()
        self.assertEqual((self.commune.street, self.commune.kho_dl_username), ("New street", "own"))
        self.assertEqual((self.ward.active, self.ward.name), (True, "New ward"))

    def test_offices_of_another_tree_are_left_alone(self):
        other = self.env["res.company"].create({"name": "Other province", "kho_dl_unit_code": "H1"})
        self.form(table(["H1", "Ward of ours", "", "", "", ""])).action_import()
        self.assertEqual(other.name, "Other province")
        self.assertEqual(self.office("H1") - other, self.company.search([("name", "=", "Ward of ours")]))

    def test_who_works_in_the_new_offices(self):
        groups = "kho_dl.group_administrator"
        keeper = new_test_user(self.env, "keeper", groups=groups)
        self.form(table(["H46.1", "One"], headings=["code", "name"])).action_import()
        self.assertIn(self.office("H46.1"), keeper.company_ids)
        self.assertNotIn(self.office("H46.1"), self.clerk.company_ids)
        self.form(table(["H46.2", "Two"], headings=["code", "name"]), gives_access=False).action_import()
        self.assertNotIn(self.office("H46.2"), keeper.company_ids)

    def test_only_system_administrators(self):
        administrator = new_test_user(self.env, "kho_admin", groups="kho_dl.group_administrator")
        with self.assertRaises(AccessError):
            self.env["kho.dl.office.import"].with_user(administrator).create({"file": table()})

    def test_the_template_has_the_headings(self):
        template = base64.b64encode(self.env["kho.dl.office.import"]._template())
        form = self.form(template, "offices.xlsx")
        form.action_check()
        self.assertIn("headings only", form.faults)

    def test_a_long_table_costs_what_its_rows_cost(self):
        def statements(start, count):
            rows = [[f"H46.{number}", f"Office {number}"] for number in range(start, start + count)]
            form = self.form(table(*rows, headings=["code", "name"]))
            self.env.flush_all()
            before = self.env.cr.sql_log_count
            form.action_import()
            self.env.flush_all()
            return self.env.cr.sql_log_count - before

        statements(0, 1)
        few = statements(100, 10)
        many = statements(200, 60)
        # Odoo itself asks some things for each company.
        self.assertLess(many - few, 50 * 8)
