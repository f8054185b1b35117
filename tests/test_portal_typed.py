from odoo.tests import tagged

from .common import AN, BINH
from .phone_case import PhoneCase

_TYPE_AND_PRESS = """
    const box = document.querySelector("[name=phone]");
    box.value = "0912 345 678";
    box.dispatchEvent(new Event("change", { bubbles: true }));
    // A finger needs no time between two places: what is left is kept only as the next form is sent.
    document.querySelector("[name=agree]").checked = true;
    document.querySelector('form[action$="/ask"] [type=submit]').click();
"""
# The number is on its way, on a slow network, as both places are pressed one after the other.
_TYPE_AND_PRESS_SLOWLY = """
    const send = window.fetch;
    window.fetch = async (...options) => {
        await new Promise((resolve) => setTimeout(resolve, 1500));
        return send(...options);
    };
    const box = document.querySelector("[name=phone]");
    box.value = "0912 345 678";
    box.dispatchEvent(new Event("change", { bubbles: true }));
    document.querySelector("[name=agree]").checked = true;
    const button = document.querySelector('form[action$="/ask"] [type=submit]');
    setTimeout(() => button.click(), 600);
    setTimeout(() => button.click(), 800);
"""
_SAY_AND_HAND_IN = """
    const none = document.querySelector('input[type=radio][value=none]');
    const box = document.querySelector("#kho_dl_words");
    none.click();
    box.value = "I lost the other one";
    box.dispatchEvent(new Event("change", { bubbles: true }));
    document.querySelector('form[action*="/upload/"] [type=submit]').click();
"""
_MISTYPE = """
    document.querySelector("#login").value = "an@example.com";
    document.querySelector("#password").value = "mistyped";
"""
# As a frame of another site, or a browser that was told to keep nothing, has it.
_WITHOUT_STORAGE = """
    new Promise((resolve) => {
        window.addEventListener("message", (ev) => resolve(ev.data));
        const frame = document.createElement("iframe");
        frame.sandbox = "allow-scripts";
        frame.srcdoc = `
            <form action="${location.origin}/x"><textarea data-kho-dl-words="1">Words</textarea></form>
            <script>window.onerror = (words) => parent.postMessage(words, "*");</script>
            <script src="${location.origin}/kho_dl/static/words/kept_words.js"></script>
            <script>
                document.dispatchEvent(new Event("click"));
                parent.postMessage("went on", "*");
            </script>`;
        document.body.append(frame);
    })
"""
_WRITE = """
    const box = document.querySelector("#kho_dl_message");
    box.value = "Half a message";
    box.dispatchEvent(new Event("input", { bubbles: true }));
"""
_WRITE_AND_SEND = f"{_WRITE} box.form.requestSubmit();"
_WRITE_AND_WITHDRAW = f"""{_WRITE}
    const form = document.querySelector('form[action$="/withdraw"]');
    form.elements.reason.value = "I found a job";
    form.elements.confirmed.checked = true;
    form.requestSubmit();
"""


@tagged("-at_install", "post_install")
class TestPortalTyped(PhoneCase):
    """What was typed into one form of a page is there after another was sent."""

    def make_things(self):
        """Each test makes its own."""

    def test_a_telephone_number_outlives_the_press_that_follows_it_at_once(self):
        self.assert_number_outlives(_TYPE_AND_PRESS)

    def test_a_slow_network_loses_nothing_and_sends_once(self):
        self.assert_number_outlives(_TYPE_AND_PRESS_SLOWLY)
        self.assertEqual(len(self.asked()), 1)

    def test_words_for_the_office_outlive_a_file_that_is_handed_in(self):
        case = self.own_case(self.an, AN, channel="2", state="2")
        case.state = "5"
        said, is_not_had = self.after(
            self.case_address(case),
            _SAY_AND_HAND_IN,
            '[document.querySelector("#kho_dl_words").value,'
            ' document.querySelector("input[type=radio][value=none]").checked]',
        )
        self.assertEqual(said, "I lost the other one")
        self.assertTrue(is_not_had)
        self.post(f"{self.case_address(case)}/hand-in", self.an, words=said)
        case.state = "5"
        self.assertNotIn(said, self.text(self.case_address(case)))

    def test_a_message_outlives_the_form_that_is_sent_beside_it_and_goes_as_it_is_sent(self):
        case = self.own_case(self.an, AN)
        typed = 'document.querySelector("#kho_dl_message").value'
        self.assertEqual(self.after(self.case_address(case), _WRITE_AND_WITHDRAW, typed), "Half a message")
        self.assertEqual(case.state, "7")
        self.assertEqual(self.after(self.case_address(case), _WRITE_AND_SEND, typed), "")

    def test_a_message_outlives_a_session_that_ended_and_is_not_there_for_who_comes_next(self):
        case, others = self.own_case(self.an, AN), self.own_case(self.binh, BINH)
        typed, kept = 'document.querySelector("#kho_dl_message").value', "JSON.stringify({...sessionStorage})"
        with self.phone(self.an.login) as phone:
            self.go(phone, self.case_address(case))
            self.evaluate(phone, _WRITE)
            self.authenticate(None, None, browser=phone)
            self.press(phone, 'form[action$="/messages"] [type=submit]')
            self.evaluate(phone, _MISTYPE)
            self.press(phone, ".oe_login_form [type=submit]")
            self.assertEqual(self.evaluate(phone, "location.pathname + location.search"), "/web/login")
            self.sign_in(phone, self.an.login)
            self.go(phone, self.case_address(case))
            self.assertEqual(self.evaluate(phone, typed), "Half a message")
            self.sign_in(phone, self.binh.login)
            self.go(phone, self.case_address(others))
            self.assertNotIn("Half a message", self.evaluate(phone, kept))

    def test_a_message_is_gone_as_soon_as_somebody_signs_out(self):
        case, kept = self.own_case(self.an, AN), "JSON.stringify({...sessionStorage})"
        with self.phone(self.an.login) as phone:
            for address, leave in (
                ("/my/kho-dl/cases", lambda: self.press(phone, 'a[href^="/web/session/logout"]')),
                # Typed as an address, or from Odoo's own pages.
                ("/my/kho-dl/cases", lambda: self.go(phone, "/web/session/logout")),
            ):
                self.sign_in(phone, self.an.login)
                self.go(phone, self.case_address(case))
                self.evaluate(phone, _WRITE)
                self.go(phone, address)
                self.assertIn("Half a message", self.evaluate(phone, kept))
                leave()
                self.assertIn("/web/login", self.evaluate(phone, "location.pathname"))
                self.assertNotIn("Half a message", self.evaluate(phone, kept))

    def test_a_browser_that_keeps_nothing_shows_every_page(self):
        with self.phone(self.an.login) as phone:
            self.go(phone, "/my/kho-dl/cases")
            self.assertEqual(self.evaluate(phone, _WITHOUT_STORAGE), "went on")

    def sign_in(self, phone, login):
        # In the same tab, when nothing of the page that was open reads with the cursor of the test any more.
        phone.navigate_to("about:blank", wait_stop=True)
        self._wait_remaining_requests()
        self.authenticate(login, login, browser=phone)

    def assert_number_outlives(self, deed):
        asked, kept = self.after(
            self.draft_address(self.begin()),
            deed,
            '[!document.querySelector("[name=agree]"), document.querySelector("[name=phone]").value]',
        )
        self.assertTrue(asked)
        self.assertEqual(kept, "0912 345 678")

    def after(self, address, deed, question):
        """Return the answer to `question` of the page that comes after `deed` on that of `address`."""
        with self.phone(self.an.login) as phone:
            self.go(phone, address)
            self.env.flush_all()
            self.evaluate(phone, f"window.isLeft = true; setTimeout(() => {{{deed}}})")
            self.wait(phone, "!window.isLeft && document.readyState === 'complete'")
            return self.evaluate(phone, question)
