"""The steps of one case, by three contenders: the far side alone, Odoo's own record with files, and the add-on."""

import itertools
import time
from concurrent.futures import ThreadPoolExecutor

import requests
from requests.adapters import HTTPAdapter

from ..benchmark.contenders import fetch
from ..benchmark.stage import WIDTH
from .prepare import PROCEDURE, RESULTS
from .web import Browser, Refused

_CASE, _FORM = "kho.dl.case", "kho.dl.retrieve.wizard"
# Where the papers are asked for, as a company has it by default.
_PAPERS = "XrdAdapter/RestService/forward/bndp/public/v1"
_ROUTE = {
    "dstcode": "VN:GOV:000.00.00.G22:vpcpcdvcqgsub01",
    "providerurl": "https://apigiaytocanhan.dichvucong.gov.vn",
}
# A clerk looks so often (s) at what still comes, and presses again so long; where all is well so long also waits for files.
_GLANCE, _PATIENCE = 0.5, 120
_PATIENCE_IN_TROUBLE, _PATIENCE_TO_PRESS = 3, 20
_ACCEPTED, _DONE, _RETURNED = "4", "9", "10"


class FarSide:
    """Nobody's Odoo: the question and a threaded downloader, with connections that stay open."""

    name = "far side"

    def __init__(self, place, _nodes, _clerk, ledger):
        self._url, self._ledger = place.other_side.url, ledger
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.mount("http://", HTTPAdapter(pool_maxsize=WIDTH))
        self._pool = ThreadPoolExecutor(WIDTH)
        answer = self._post("login", place.account)
        self._session.headers["Authorization"] = answer["result"]["access_token"]

    def close(self):
        """Hang up."""
        self._pool.shutdown()
        self._session.close()

    def work(self, person, think):
        """Do all steps for `person`."""
        think()
        with self._ledger.step("search"):
            self._post("user/papers", _question(person.number))
        think()
        with self._ledger.step("attach"):
            list(self._pool.map(lambda address: fetch(self._session, address), person.addresses))
        think()

    def _post(self, path, body):
        answer = self._session.post(f"{self._url}/{_PAPERS}/{path}", params=_ROUTE, json=body, timeout=60)
        answer.raise_for_status()
        return answer.json()


def _question(number):
    return {
        "MaThuTuc": PROCEDURE,
        "SoDinhDanhChuSoHuu": number,
        "SoDinhDanhNguoiYeuCau": "000188000001",
        "HoTenNguoiYeuCau": "Clerk",
        "DanhSachDanhMucKetQua": [{"MaKetQua": code, "SoKyHieu": ""} for code in RESULTS],
        "KenhThucHien": "1",
    }


class Plain:
    """Odoo's own record with files, a contact: made, files uploaded, written to; nothing is asked of anybody."""

    name = "plain"

    def __init__(self, place, nodes, clerk, ledger):
        self._browser = Browser(nodes, place.odoo.database, clerk, ledger)
        self._ledger = ledger

    def close(self):
        """Close the window."""
        self._browser.close()

    def work(self, person, think):
        """Do all steps for `person`."""
        model, shown = "res.partner", {"display_name": {}, "email": {}}
        with self._ledger.step("open"):
            [record] = self._browser.call(model, "web_save", [], {"name": f"Case {person.number}"}, specification=shown)
        think()
        think()
        files = [(f"tep-{number}.pdf", content) for number, content in enumerate(person.contents())]
        with self._ledger.step("attach"):
            self._browser.upload(model, record["id"], files)
            self._browser.call(model, "web_read", [record["id"]], specification=shown)
        for number in range(3):
            think()
            with self._ledger.step("process"):
                values = {"function": f"step {number}"}
                self._browser.call(model, "web_save", [record["id"]], values, specification=shown)


class AddOn:
    """The clerk's own screens: open a case, look, attach all, process; the portal is told behind it."""

    name = "add-on"

    def __init__(self, place, nodes, clerk, ledger):
        self._browser = Browser(nodes, place.odoo.database, clerk, ledger)
        self._place, self._clerk, self._ledger = place, clerk, ledger

    def close(self):
        """Close the window."""
        self._browser.close()

    def work(self, person, think):
        """Do all steps for `person`."""
        values = {
            "procedure_id": self._clerk.procedure,
            "owner_id": self._clerk.owner,
            "owner_id_number": person.number,
        }
        with self._ledger.step("open"):
            shown = {"display_name": {}, "state": {}}
            [case] = self._again(lambda: self._browser.call(_CASE, "web_save", [], values, specification=shown))
        person.case = case["id"]
        think()
        with self._ledger.step("search"):
            form, lines = self._again(lambda: self._search(case["id"]))
        think()
        if ticks := [[1, line["id"], {"selected": True}] for line in lines if not line["selected"]]:
            with self._ledger.step("tick"):
                # The form keeps a tick as it is made, and reads nothing anew.
                self._again(
                    lambda: self._browser.call(_FORM, "web_save", [form], {"line_ids": ticks}, specification={})
                )
        with self._ledger.step("attach"):
            presses = itertools.count()
            is_told = self._again(lambda: self._attach(case["id"], form, is_again=next(presses) > 0))
            are_here = is_told or self._wait(case["id"])
        if not are_here:
            # The background brings them; whoever stands there next is served meanwhile.
            self._ledger.count("files left to the background")
            return
        for state in (_ACCEPTED, _DONE, _RETURNED):
            think()
            with self._ledger.step("process"):
                self._again(lambda state=state: self._step(case["id"], state))

    def _again(self, action):
        """Return what `action()` returns; what is refused for the moment is pressed again."""
        deadline = time.monotonic() + (_PATIENCE_TO_PRESS if self._place.is_in_trouble else _PATIENCE)
        while True:
            try:
                return action()
            except Refused:
                if time.monotonic() > deadline:
                    raise
                time.sleep(2)

    def _search(self, case):
        shown = {"outcome": {}, "message": {}, "line_ids": {"fields": {"selected": {}, "name": {}, "agency": {}}}}
        context = {"default_case_id": case}
        [form] = self._browser.call(
            _FORM, "web_save", [], {"consent_given": True}, specification={"outcome": {}}, context=context
        )
        self._browser.press(_FORM, "action_search", [form["id"]])
        [form] = self._browser.call(_FORM, "web_read", [form["id"]], specification=shown)
        if not form["line_ids"]:
            # Not an error of Odoo's: the far side failed, and the clerk reads so.
            self._ledger.count("search failed", form["message"] or "")
            raise Refused("search", form["message"] or "")
        return form["id"], form["line_ids"]

    def _attach(self, case, form, is_again):
        """Return whether the answer tells that all files are on the case; else the case has to be looked at."""
        if is_again and self._states(case):
            return False  # pressed before the connection broke
        return self._browser.press(_FORM, "action_attach", [form])["type"] == "ir.actions.client"

    def _wait(self, case):
        """Return whether nothing is on its way any more, as far as somebody waits for that."""
        deadline = time.monotonic() + (_PATIENCE_IN_TROUBLE if self._place.is_in_trouble else _PATIENCE)
        while {"pending", "running"} & set(self._again(lambda: self._states(case))):
            if time.monotonic() > deadline:
                return False
            time.sleep(_GLANCE)
        return True

    def _states(self, case):
        rows = self._browser.call(
            "kho.dl.retrieval", "search_read", [("case_id", "=", case)], fields=["state"], limit=100
        )
        return [row["state"] for row in rows]

    def _step(self, case, state):
        asked = self._browser.press(_CASE, "action_step", [case], state)
        if asked:
            # A document has not come: the clerk says why the case ends without it.
            self._ledger.count("finished without a document")
            form, record = asked["res_model"], asked["res_id"]
            reason = {"reason": "The far side did not give it."}
            self._browser.call(form, "web_save", [record], reason, specification={"reason": {}})
            self._browser.press(form, "action_finish", [record])


CONTENDERS = (FarSide, Plain, AddOn)
