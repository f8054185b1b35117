from odoo.tests import tagged

from .phone_case import PhoneCase

_TYPE_AND_PRESS = """
    const box = document.querySelector("[name=phone]");
    box.value = "0912 345 678";
    box.dispatchEvent(new Event("change", { bubbles: true }));
    // A finger needs no time between two places: what is left is kept only as the next form is sent.
    document.querySelector("[name=agree]").checked = true;
    document.querySelector('form[action$="/ask"] [type=submit]').click();
"""


@tagged("-at_install", "post_install")
class TestPortalTyped(PhoneCase):
    """What was typed into one form of the page of a draft is there after another was sent."""

    def make_things(self):
        self.draft = self.begin()

    def test_a_telephone_number_outlives_the_press_that_follows_it_at_once(self):
        with self.phone(self.an.login) as phone:
            self.go(phone, self.draft_address(self.draft))
            self.env.flush_all()
            self.evaluate(phone, f"window.isLeft = true; setTimeout(() => {{{_TYPE_AND_PRESS}}})")
            self.wait(phone, "!window.isLeft && document.readyState === 'complete'")
            asked, kept = self.evaluate(
                phone, '[!document.querySelector("[name=agree]"), document.querySelector("[name=phone]").value]'
            )
        self.assertTrue(asked)
        self.assertEqual(kept, "0912 345 678")
