from odoo.tests import tagged

from .common import BINH
from .counter_case import CounterCase

# What a finger presses, and a pointer.
_THUMB, _POINTER = 40, 24
_CUT = """
[...document.querySelectorAll(".o_kho_dl_documents .o_data_cell[name=name]")]
    .filter((cell) => cell.scrollWidth > cell.clientWidth).map((cell) => cell.innerText)
"""

_TO_THE_RIGHT = """
[...document.querySelectorAll(".o_kho_dl_documents")].flatMap((list) => {
    const right = list.getBoundingClientRect().right + 1;
    const cells = [...list.querySelectorAll("td[name=attachment_ids], td:has(button[name=action_view_details])")];
    return [...cells.length ? [] : ["no cells"],
        ...cells.filter((one) => one.getBoundingClientRect().right > right).map((one) => one.className)];
})
"""


@tagged("-at_install", "post_install")
class TestCounterNarrow(CounterCase):
    """The screens of the main job on a phone, and on a screen of 1366 by 768 points at 200 %."""

    def setUp(self):
        super().setUp()
        self.clerk.odoobot_state = "disabled"
        names = [f"Giấy xác nhận thời gian thực hành số {number} của người nộp hồ sơ" for number in range(5)]
        documents = self.env["kho.dl.procedure.document"].create(
            [{"procedure_id": self.procedure.id, "name": name} for name in names]
        )
        documents._find_candidates(documents._finder())
        answered = self.env["kho.dl.retrieve.wizard"].search([("case_id", "=", self.case.id)], limit=1)
        asked = self.make_wizard(self.make_case(BINH))
        self.counter = [self.form(self.case), self.form(answered), self.form(asked)]
        self.desk = [self.menu("action_kho_dl_mapping")]
        self.env.flush_all()

    # Proves J.5-2.
    def test_a_phone(self):
        self.look_at_all(390, 740, _THUMB)

    def test_zoomed_to_twice_the_size(self):
        self.look_at_all(683, 384, _POINTER)

    def test_names_are_read_whole(self):
        """Documents differ at the end of their names, and what the keyboard goes to shows no hint."""
        case = self.make_case(BINH)
        with self.browser(self.clerk.login) as browser:
            self.start(browser)
            self.open(browser, self.form(case))
            cut = self.evaluate(browser, _CUT)
        self.assertFalse(cut)

    def test_the_files_of_a_document_are_in_sight(self):
        """Whatever the screen: to add and to open a file nobody moves the list sideways."""
        hidden = []
        with self.browser(self.clerk.login) as browser:
            self.start(browser)
            for width, height in ((768, 1024), (1024, 768), (1280, 720), (1366, 768), (1600, 900)):
                self.resize(browser, width, height)
                self.open(browser, self.form(self.case))
                hidden += [(width, words) for words in self.evaluate(browser, _TO_THE_RIGHT)]
        self.assertFalse(hidden)

    def look_at_all(self, width, height, finger):
        faults = []
        for user, screens in ((self.clerk, self.counter), (self.administrator, self.desk)):
            with self.browser(user.login) as browser:
                self.resize(browser, width, height)
                self.start(browser)
                for screen in screens:
                    self.open(browser, screen)
                    found = {**self.narrow(browser, finger), **self.look(browser)}
                    faults += [(screen.name, name, what) for name, what in found.items() if what]
        self.assertFalse(faults)
