"""What the pictures show: the main job at the counter, the administrator's pages, a citizen with a telephone.

Runs in Odoo's Python: python -m lib.walk PORT FOLDER
"""

import sys
import tempfile
from pathlib import Path

from .browser import browser
from .console import run_command
from .film import Film, save_still
from .ports import HOST

# What the scanner types of the card of Nguyễn Thị An, who is invented.
_CARD = "000190000011||Nguyễn Thị An|12031990|Nữ|Tổ 3, phường Trần Phú, tỉnh Hà Giang|15062021"
_PROCEDURE = "1.012289"
_SAY_THE_REST_IS_NOT_HAD = """
for (const group of document.querySelectorAll("fieldset")) {
    const none = group.querySelector("input[type=radio][value=none]");
    const found = group.querySelector("input[type=radio]:checked");
    none && !(found && found.value) && none.click();
}
"""
_PAPER = "Phiếu lý lịch tư pháp"
_OFFERED = ".o-autocomplete--dropdown-item"
_PAGE = ".o_kho_dl_viewer_paper img"
_SCREEN, _TELEPHONE = (1366, 768), (360, 720)


def main():
    """Take all of them."""
    port, folder = sys.argv[1], Path(sys.argv[2])
    with tempfile.TemporaryDirectory() as profile, browser(Path(profile)) as new_page:
        walk = Walk(f"http://{HOST}:{port}", folder, new_page)
        walk.take_counter()
        walk.take_settings()
        walk.take_citizen()


class Walk:
    """The demo at ``address``, looked at with pages of ``new_page``; pictures go into ``folder``."""

    def __init__(self, address, folder, new_page):
        self._address, self._folder, self._new_page = address, folder, new_page

    def take_counter(self):
        """From the card to the attached files, moving and still."""
        page = self._page_of("clerk", *_SCREEN)
        film = Film(page)
        self._open(page, "kho_dl.action_kho_dl_case", ".o_data_row")
        self._still("cases", page)
        film.show(1200)
        film.click(".o_list_button_add, .o-kanban-button-new", then=600)
        film.click("[name=owner_id_number] input", then=300)
        film.scan(_CARD)
        # The procedures that this clerk uses most are offered at once; on a slow machine the list is opened by hand.
        if not page.has(_OFFERED, _PROCEDURE):
            film.click("[name=procedure_id] input")
        film.click(_OFFERED, _PROCEDURE)
        film.click(".o_form_button_save", then=1500)
        self._still("case", page)
        film.click("button[name=action_kho_dl_retrieve]", then=1200)
        film.click(".modal [name=consent_given] input", then=2000)
        film.click(f"section[aria-label='{_PAPER}'] .o_kho_dl_look", then=0)
        page.place(_PAGE)
        page.settle()
        film.show(3000)
        self._still("answer", page)
        film.click(".modal button[name=action_attach]", then=1500)
        page.wait("!document.querySelector('.modal')")
        page.settle()
        film.show(4000)
        page.wait("!document.querySelector('.o_notification')")
        page.move_to(683, 100)
        self._still("attached", page)
        film.save(self._folder / "main_job.webp")
        page.click(".o_kho_dl_look_file", _PAPER)
        page.place(_PAGE)
        page.settle()
        page.click(".o_kho_dl_signature summary")
        self._still("check", page)

    def take_settings(self):
        """The administrator's settings and directory."""
        page = self._page_of("khodl_admin", *_SCREEN)
        self._open(page, "kho_dl.action_kho_dl_settings", "[name=kho_dl_ss_url]")
        self._still("settings", page)
        self._open(page, "kho_dl.action_kho_dl_security_server", ".o_data_row")
        self._still("directory", page)

    def take_citizen(self):
        """A citizen applies, with a telephone, and follows the case."""
        page = self._page_of("citizen_an", *_TELEPHONE, mobile=True)
        page.open(f"{self._address}/my/kho-dl/apply")
        page.click("footer a", "Tiếng Việt")
        page.click("a[href*='/my/kho-dl/apply/']", "chứng chỉ hành nghề")
        page.click("form[action*='/apply/'] [type=submit]")
        page.scroll_to("form[action$='/ask']")
        shown = [page.screenshot()]
        page.click("[name=agree]")
        page.click("form[action$='/ask'] [type=submit]")
        page.scroll_to("fieldset", _PAPER)
        shown.append(page.screenshot())
        chosen = page.evaluate("location.href")
        page.open(page.evaluate("[...document.links].find((link) => link.innerText.includes('Xem trước')).href"))
        save_still(self._folder / "apply.png", *shown, page.screenshot())
        page.open(chosen)
        page.evaluate(_SAY_THE_REST_IS_NOT_HAD)
        page.click("[formaction$='/submit']")
        shown = [page.screenshot()]
        for address in ("/my/kho-dl/cases", "/my/kho-dl/data"):
            page.open(f"{self._address}{address}")
            shown.append(page.screenshot())
        save_still(self._folder / "online.png", *shown)

    def _page_of(self, login, width, height, **device):
        page = self._new_page(width, height, **device)
        page.open(f"{self._address}/web/login")
        page.place(".oe_login_form [name=password]")
        for name in ("login", "password"):
            page.evaluate(f"document.querySelector('.oe_login_form [name={name}]').value = '{login}'")
        page.click(".oe_login_form [type=submit]")
        page.wait("document.readyState === 'complete' && !document.querySelector('.oe_login_form')")
        return page

    def _open(self, page, action, sign):
        page.open(f"{self._address}/odoo/action-{action}")
        page.place(sign)
        page.settle()

    def _still(self, name, *pages):
        save_still(self._folder / f"{name}.png", *(page.screenshot() for page in pages))


if __name__ == "__main__":
    run_command(main)
