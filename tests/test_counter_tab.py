from odoo.tests import tagged

from .browser_case import BrowserCase
from .common import AN, KhoDLFixtures

# Seconds for the first page of all, which makes what the others load.
_PATIENCE = 120
_AT_NUMBER = "document.activeElement.closest('[name=owner_id_number]') !== null"
_FIELDS = "[...document.querySelectorAll('.o_field_widget[name]')].map((one) => one.getAttribute('name'))"
_VALUE = "document.querySelector('[name=owner_id_number] input').value"


@tagged("-at_install", "post_install")
class TestTab(KhoDLFixtures, BrowserCase):
    """Who types a number and presses Tab goes on where the form needs something, whoever it turns out to be."""

    browser_size = "1366x768"

    def test_tab_leads_to_what_is_needed(self):
        self.env["res.lang"]._activate_lang("en_US")
        self.prepare()
        self.make_case(AN)
        self.clerk.write({"login": "tab_clerk", "password": "tab_clerk", "lang": "en_US"})
        with self.browser(self.clerk.login) as browser:
            for number, needed in (("001090000017", "person_name"), (AN, "procedure_id")):
                with self.subTest(number=number):
                    self.go(browser, "/odoo/action-kho_dl.action_kho_dl_case/new")
                    self.wait(browser, _AT_NUMBER, _PATIENCE)
                    self.type_keys(browser, f"{number}\txyz")
                    self.wait(browser, f"document.activeElement.closest('[name={needed}]') !== null")
                    self.assertEqual(self.evaluate(browser, _VALUE), number)
                    if needed == "person_name":
                        # The calendar, which opens by itself, lies over nothing of the person.
                        fields = self.evaluate(browser, _FIELDS)
                        self.assertLess(fields.index("person_email"), fields.index("date_due"))
                    # Nothing is left to answer: the key does what it does everywhere.
                    self.evaluate(browser, "document.querySelector('[name=owner_id_number] input').focus()")
                    self.type_keys(browser, "\t")
                    self.wait(browser, f"!({_AT_NUMBER})")
                    self.evaluate(browser, "document.querySelector('.o_form_button_cancel').click()")
