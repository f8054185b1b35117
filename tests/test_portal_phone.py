import gzip
from collections import Counter

from odoo.tests import tagged

from .phone_case import WIDTH, PhoneCase

_MOST_BYTES = 150_000
# Odoo's own pages that ours stand on.
_HOME = "/my"


@tagged("-at_install", "post_install")
class TestPortalPhone(PhoneCase):
    """Every page of ours for a citizen or for anybody, in both languages, on a phone with 360 points of width."""

    def setUp(self):
        super().setUp()
        self.env["res.lang"]._activate_lang("vi_VN")

    # Proves I.H-1, I.H-2, I.H-3.
    def test_every_page_in_both_languages(self):
        pages = self.pages(self.an)
        self.assertEqual(self.routes("GET"), {*pages, *self.files(self.an)})
        addresses = [*sum(pages.values(), []), _HOME]
        weights = {}
        for lang in ("vi_VN", "en_US"):
            self.an.lang = lang
            with self.phone(self.an.login) as phone:
                # Home last: what Odoo's page loads beforehand would count for the next one.
                seen = {address: self.see(phone, _in(address, lang)) for address in addresses}
            for address, page in seen.items():
                with self.subTest(lang=lang, address=address):
                    self.check(page, lang, address, weights)

    def check(self, seen, lang, address, weights):
        look = seen.look
        self.assertEqual(look["lang"], lang.replace("_", "-"))
        self.assertTrue(look["title"])
        self.assertLessEqual(look["width"], WIDTH)
        self.assertFalse(look["violations"])
        # Whatever is to be read is to be read without a script.
        plain = Counter(f"{seen.plain['words']} {seen.read['scripted']}".split())
        self.assertFalse(Counter(seen.read["words"].split()) - plain)
        if address == _HOME:
            return
        self.assertEqual(look["headings"][:1], [1])
        steps = zip(look["headings"], look["headings"][1:], strict=False)
        self.assertFalse([(one, other) for one, other in steps if other > one + 1 or other == 1], look["headings"])
        self.assertFalse(seen.plain["dead"])
        loaded = sum(weights.setdefault(name, self.weight(name)) for name in look["loaded"])
        self.assertLess(loaded, _MOST_BYTES, [name for name in look["loaded"] if weights[name] > _MOST_BYTES / 10])

    def weight(self, name):
        """Return the bytes of what a page loads, as a web server in front of Odoo sends it; what its tests add is none."""
        return 0 if "assets_tests" in name else len(gzip.compress(self.get(name).content))


def _in(address, lang):
    """Return the address with the language for pages that know no user."""
    return f"{address}{'&' if '?' in address else '?'}lang={lang}"
