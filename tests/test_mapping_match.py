from odoo.tests import BaseCase, tagged

from ..models.common.text import plain
from ..models.mapping.mapping_match import Finder, Vocabulary

RESULTS = {
    1: "Phiếu lý lịch tư pháp số 1",
    2: "Phiếu lý lịch tư pháp số 2",
    3: "Giấy khai sinh",
    4: "Giấy chứng nhận quyền sử dụng đất",
    5: "Giấy khám sức khỏe",
}
WORDS = {"CN": "chứng nhận", "LLTP": "lý lịch tư pháp", "QSDĐ": "quyền sử dụng đất", "bản sao": "", "có chứng thực": ""}

# From so many points on the desk maps in bulk, unless somebody chooses otherwise.
BULK = 90
SAME = [
    ("Phiếu lý lịch tư pháp số 01", "Phiếu lý lịch tư pháp số 1"),
    ("01 bản chính Phiếu lý lịch tư pháp số 1", "Phiếu lý lịch tư pháp số 1"),
    ("1. Phiếu lí lịch tư pháp số 2 (02 bản chính)", "Phiếu lý lịch tư pháp số 2"),
    ("Phiếu lý lịch tư pháp số 2 (số lượng: 01 bản sao)", "Phiếu lý lịch tư pháp số 2"),
    ("Giấy khai sinh (01 bộ)", "Giấy khai sinh"),
    ("Giấy khai sinh khổ A4", "Giấy khai sinh"),
    ("Chứng chỉ hành nghề hạng 2", "Chứng chỉ hành nghề hạng II"),
    ("Giấy phép lái xe hạng b1", "Giấy phép lái xe hạng B1"),
    ("Giaykhaisinh", "Giấy khai sinh"),
    ("Giấy chúng nhận đăng kí kinh doang", "Giấy chứng nhận đăng ký kinh doanh"),
    ("Giấy sác nhận nơi đăng ký cư trú", "Giấy xác nhận nơi đăng ký cư trú"),
    ("Giấy khai sinh của trẻ", "Giấy khai sinh"),
    ("Giấy phép của hàng không", "Giấy phép hàng không"),
    ("Giấy phép hoạt động khám và chữa bệnh", "Giấy phép hoạt động khám, chữa bệnh"),
    ("Xác nhận nơi cư trú", "Giấy xác nhận nơi cư trú"),
    ("02 bản đồ địa chính", "Bản đồ địa chính"),
    ("Bản sao có chứng thực Giấy khai sinh của con", "Giấy khai sinh"),
    ("Giấy CN quyền sử dụng đất (bản sao)", "Giấy chứng nhận quyền sử dụng đất"),
]
APART = [
    ("Phiếu lý lịch tư pháp số 02", "Phiếu lý lịch tư pháp số 1", ("other_number", "1")),
    ("02 bản chính Phiếu lý lịch tư pháp số 1", "Phiếu lý lịch tư pháp số 2", ("other_number", "2")),
    ("Phiếu lý lịch tư pháp", "Phiếu lý lịch tư pháp số 1", ("other_number", "1")),
    ("Phiếu lý lịch tư pháp số 1 hoặc số 2", "Phiếu lý lịch tư pháp số 1", ("no_number", "2")),
    ("Chứng chỉ hành nghề hạng II", "Chứng chỉ hành nghề", ("no_number", "2")),
    ("Giấy phép lái xe hạng B1", "Giấy phép lái xe hạng B2", ("other_number", "b2")),
    ("Giấy phép lái xe hạng A1", "Giấy phép lái xe hạng A2", ("other_number", "a2")),
    ("Giấy phép lái xe hạng B", "Giấy phép lái xe hạng C", ("other_number", "c")),
    (
        "Chứng chỉ năng lực hoạt động xây dựng hạng II",
        "Chứng chỉ năng lực hoạt động xây dựng hạng I",
        ("other_number", "1"),
    ),
    (
        "Chứng chỉ năng lực hoạt động xây dựng hạng III",
        "Chứng chỉ năng lực hoạt động xây dựng hạng II",
        ("other_number", "2"),
    ),
    (
        "Giấy xác nhận không đủ điều kiện kinh doanh",
        "Giấy xác nhận đủ điều kiện kinh doanh",
        ("negation", "không"),
    ),
    ("Giấy xác nhận đã kết hôn", "Giấy xác nhận chưa kết hôn", ("negation", "chưa")),
    ("Giấy phép lái xe hết hạn", "Giấy phép lái xe", ("negation", "hết")),
    (
        "Giấy phép nhập khẩu vật liệu nổ công nghiệp",
        "Giấy phép xuất khẩu vật liệu nổ công nghiệp",
        ("other_words", "nhập ≠ xuất"),
    ),
    (
        "Giấy xác nhận đã đăng ký thường trú",
        "Giấy xác nhận đã đăng ký tạm trú",
        ("other_words", "thường ≠ tạm"),
    ),
    ("Trích lục khai tử", "Trích lục khai sinh", ("other_words", "tử ≠ sinh")),
    (
        "Quyết định thành lập trường trung học cơ sở",
        "Quyết định giải thể trường trung học cơ sở",
        ("other_words", "thành lập ≠ giải thể"),
    ),
    (
        "Bản sao Quyết định cho phép thành lập trường tiểu học",
        "Quyết định cho phép thành lập trường mầm non",
        ("other_words", "tiểu học ≠ mầm non"),
    ),
    ("Giấy chứng sinh", "Giấy chứng minh", ("other_words", "sinh ≠ minh")),
    ("Quyết định hủy giấy phép xây dựng", "Giấy phép xây dựng", ("negation", "hủy")),
    ("Chứng chỉ hành nghề (cấp năm 2021)", "Chứng chỉ hành nghề cấp năm", ("more", "2021")),
    ("Giấy chứng nhận hộ nghèo năm 2023", "Giấy chứng nhận hộ nghèo năm 2024", ("other_words", "2023 ≠ 2024")),
    ("Giấy chứng nhận người nước ngoài", "Giấy chứng nhận người trong nước", ("other_words", "ngoài ≠ trong")),
    ("Phiếu lý lịch tư pháp 2", "Phiếu lý lịch tư pháp", ("no_number", "2")),
    ("Báo cáo tài chính quý I", "Báo cáo tài chính quý II", ("other_number", "2")),
    ("Báo cáo tài chính kỳ I", "Báo cáo tài chính kỳ II", ("other_number", "2")),
    ("Giấy xác nhận mẫu A", "Giấy xác nhận mẫu B", ("other_number", "b")),
]
# The longer name is another paper, on whichever side it stands.
MORE = [
    ("Giấy chứng nhận hộ cận nghèo", "Giấy chứng nhận hộ nghèo", "cận"),
    ("Giấy đăng ký tạm trú", "Giấy đăng ký trú", "tạm"),
    ("Quyết định bổ nhiệm phó giám đốc", "Quyết định bổ nhiệm giám đốc", "phó"),
    ("Giấy phép kinh doanh lần hai", "Giấy phép kinh doanh", "lần hai"),
    ("Báo cáo tài chính năm 2024", "Báo cáo tài chính", "năm 2024"),
    ("Giấy phép hoạt động chi nhánh của tổ chức nước ngoài", "Giấy phép hoạt động chi nhánh của tổ chức", "nước ngoài"),
    ("Giấy phép nhập khẩu thuốc", "Giấy phép thuốc", "nhập khẩu"),
    ("Giấy phép lái xe cấp đổi", "Giấy phép lái xe", "cấp đổi"),
    ("Giấy phép xây dựng điều chỉnh", "Giấy phép xây dựng", "điều chỉnh"),
    ("Giấy phép xây dựng gia hạn", "Giấy phép xây dựng", "gia hạn"),
    ("Quyết định công nhận trường phổ thông dân tộc", "Quyết định công nhận trường phổ thông", "dân tộc"),
    ("Giấy chứng nhận đủ điều kiện an toàn thực phẩm cấp tỉnh", "Giấy chứng nhận đủ điều kiện an toàn thực phẩm", "cấp tỉnh"),
    ("Giấy khai sinh của trẻ em khuyết tật", "Giấy khai sinh", "khuyết tật"),
]  # fmt: skip


@tagged("-at_install", "post_install")
class TestMappingMatch(BaseCase):
    """Names of documents and of results, without any record."""

    def score(self, name, result, *others):
        """Return (score of `result` for `name`, its reasons)."""
        found = Finder(dict(enumerate([result, *others])), Vocabulary(WORDS)).candidates(name)
        return next(((one.score, one.reasons) for one in found if one.key == 0), (0, ()))

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

    def test_the_same_paper_written_another_way_can_be_mapped_in_bulk(self):
        for name, result in SAME:
            with self.subTest(name=name, result=result):
                self.assertGreaterEqual(self.score(name, result)[0], BULK)

    def test_what_tells_papers_apart_keeps_them_from_being_mapped_in_bulk(self):
        for name, result, reason in APART:
            with self.subTest(name=name, result=result):
                score, reasons = self.score(name, result)
                self.assertLess(score, BULK)
                self.assertIn(reason, reasons)

    def test_a_word_that_only_one_of_them_has_keeps_them_from_being_mapped_in_bulk(self):
        for longer, shorter, words in MORE:
            for name, result in ((longer, shorter), (shorter, longer)):
                with self.subTest(name=name, result=result):
                    score, reasons = self.score(name, result)
                    self.assertLess(score, BULK)
                    self.assertIn(("more", words), reasons)

    def test_no_qualifier_is_lost_or_exchanged_in_bulk(self):
        qualifiers = (
            "cận, tạm, phó, lần 2, lần 3, năm 2023, năm 2024, quý 1, quý 2, kỳ 1, kỳ 2, số 1, số 2, hạng A, hạng B, loại 1, "
            "loại 2, nhóm 1, nhóm 2, cấp tỉnh, cấp huyện, cấp xã, trong nước, nước ngoài, cá nhân, tổ chức, nhập khẩu, "
            "xuất khẩu, cấp mới, cấp lại, cấp đổi, gia hạn, thu hồi, điều chỉnh, bổ sung, không thời hạn, có thời hạn, mầm non, "
            "tiểu học, trung học cơ sở, trung học phổ thông, mẫu A, mẫu B, thường trú, tạm trú, sinh, tử"
        ).split(", ")
        for one in ["", *qualifiers]:
            for other in ["", *qualifiers]:
                name, result = (f"Giấy chứng nhận hành nghề đo đạc {word}".strip() for word in (one, other))
                if one != other:
                    with self.subTest(name=name, result=result):
                        self.assertLess(self.score(name, result)[0], BULK)

    def test_doubt_leaves_the_order_of_the_candidates(self):
        found = Finder({1: "Giấy phép nhập khẩu thuốc", 2: "Giấy phép nhập khẩu rượu"}, Vocabulary({}))
        best = found.candidates("Giấy phép xuất khẩu thuốc")
        self.assertEqual([one.key for one in best], [1, 2])
        self.assertLess(best[1].score, best[0].score)

    def test_a_word_of_another_result_is_no_misspelling(self):
        name, result = "Giấy chứng nhận kết nôi giống", "Giấy chứng nhận kết nuôi giống"
        self.assertGreaterEqual(self.score(name, result)[0], BULK)
        self.assertLess(self.score(name, result, "Giấy phép trong nôi")[0], BULK)

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
