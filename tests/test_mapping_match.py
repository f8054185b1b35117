from odoo.tests import BaseCase, tagged

from ..models.mapping_match import Finder, Vocabulary, plain

RESULTS = {
    1: "Phiếu lý lịch tư pháp số 1",
    2: "Phiếu lý lịch tư pháp số 2",
    3: "Giấy khai sinh",
    4: "Giấy chứng nhận quyền sử dụng đất",
    5: "Giấy khám sức khỏe",
}
WORDS = {"LLTP": "lý lịch tư pháp", "QSDĐ": "quyền sử dụng đất", "bản sao": "", "có chứng thực": ""}


@tagged("-at_install", "post_install")
class TestMappingMatch(BaseCase):
    """Names of documents and of results, without any record."""

    def best(self, name, **words):
        found = Finder(RESULTS, Vocabulary({**WORDS, **words})).candidates(name)
        return [(one.key, one.score) for one in found], dict(found[0].reasons) if found else {}

    def test_an_abbreviation_is_written_out(self):
        found, reasons = self.best("Phiếu LLTP số 1")
        self.assertEqual(found[0], (1, 100))
        self.assertEqual(reasons, {"same": "", "abbreviation": "LLTP = lý lịch tư pháp"})
        self.assertLess(found[1][1], 80)

    def test_another_number_is_another_paper(self):
        found, _reasons = self.best("Phiếu lý lịch tư pháp số 2 của người nộp")
        self.assertEqual(found[0][0], 2)
        _found, reasons = self.best("Phiếu lý lịch tư pháp mẫu 3")
        self.assertIn("other_number", reasons)

    def test_marks_case_and_what_says_nothing_do_not_count(self):
        for name in ("GIAY KHAI SINH", "Giấy khai sinh (bản sao có chứng thực)", "giấy  khai-sinh"):
            with self.subTest(name):
                self.assertEqual(self.best(name)[0][0], (3, 100))

    def test_one_name_within_the_other(self):
        found, reasons = self.best("Giấy chứng nhận QSDĐ, quyền sở hữu nhà ở và tài sản khác")
        self.assertEqual(found[0][0], 4)
        self.assertIn("contains", reasons)
        self.assertLess(found[0][1], 100)

    def test_a_form_is_no_result(self):
        found, _reasons = self.best("Đơn đề nghị cấp phiếu lý lịch tư pháp số 1")
        self.assertLess(dict(found).get(1, 0), 70)

    def test_spelt_wrongly(self):
        self.assertEqual(self.best("Giaykhaisinh")[0][0][0], 3)

    def test_nothing_like_it(self):
        for name in ("Đơn đề nghị cấp phép xây dựng", "", "%%%"):
            with self.subTest(name):
                self.assertEqual(self.best(name), ([], {}))

    def test_words_are_whole_words(self):
        self.assertEqual(plain("LLTPX"), Vocabulary(WORDS).normal("LLTPX")[0])
        self.assertEqual(Vocabulary({}).normal("Đất"), ("dat", ()))
        self.assertEqual(Vocabulary({"": "x", "-": "y"}).normal("a - b"), ("a b", ()))
