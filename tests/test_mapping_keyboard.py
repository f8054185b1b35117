from odoo.tests import HttpCase, tagged

from .common import KhoDLFixtures

_DESK = "/odoo/action-kho_dl.action_kho_dl_mapping"
_READY = "!!document.querySelector('.o_kho_dl_mapping_choice')"
# What a person does, in words. `slow` is an office far away: answers to `what` take that long.
_HANDS = """
    const pause = (ms) => new Promise((done) => setTimeout(done, ms));
    const press = (key, target = document.activeElement || document.body, more = {}) =>
        target.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, ...more }));
    const box = (selector) => document.querySelector(selector);
    const type = (input, text) => {
        input.focus();
        input.value = text;
        input.dispatchEvent(new Event("input", { bubbles: true }));
    };
    const wanted = () => box(".o_kho_dl_mapping_search");
    const name = () => box(".o_kho_dl_mapping_name")?.textContent;
    const until = async (test) => {
        for (let turn = 0; !test(); turn++) {
            if (turn > 100) throw new Error("Waited in vain for " + test);
            await pause(50);
        }
    };
    const answered = [];
    const delays = {};
    const slow = (what, ms) => (delays[what] = ms);
    const listen = XMLHttpRequest.prototype.addEventListener;
    XMLHttpRequest.prototype.addEventListener = function (kind, handler) {
        const late = async (event) => {
            const what = Object.keys(delays).find((word) => this.responseURL.includes(word));
            if (what) await pause(delays[what]);
            answered.push(this.responseURL);
            handler(event);
        };
        return listen.call(this, kind, kind === "load" ? late : handler);
    };
    const isAnswered = (what) => answered.some((address) => address.includes(what));
"""


@tagged("-at_install", "post_install")
class TestMappingKeyboard(KhoDLFixtures, HttpCase):
    """Keys at the desk decide about what is seen, once, and never while somebody types elsewhere."""

    def setUp(self):
        super().setUp()
        self.env["res.lang"]._activate_lang("en_US")
        self.prepare()
        self.env.ref("base.user_admin").lang = "en_US"
        documents = self.env["kho.dl.procedure.document"]
        documents.search([("mapping_state", "=", "open")]).is_reusable = False
        self.env["kho.dl.result.code"].create(
            [
                {"code": "KQ.T1", "name": "Phiếu lý lịch tư pháp số 1"},
                {"code": "KQ.T2", "name": "Khác hẳn"},
                {"code": "KQ.T3", "name": "Giấy khai sinh"},
            ]
        )
        names = ("Phiếu LLTP số 1", "Giấy khai sinh (bản sao)")
        self.first, self.second = self.made = documents.create(
            [{"procedure_id": self.procedure.id, "name": name} for name in names]
        )
        self.made._find_candidates(documents._finder())

    def at_the_desk(self, code):
        script = f"{_HANDS}(async () => {{ {code} console.log('test successful'); }})().catch((e) => console.error(e));"
        self.browser_js(_DESK, script, ready=_READY, login="admin")
        self.made.invalidate_recordset()

    def assert_untouched(self):
        self.assertFalse(self.made.result_code_ids)
        self.assertEqual(set(self.made.mapped("mapping_state")), {"open"})
        self.assertEqual(self.made.mapped("is_mapping_skipped"), [False, False])

    def test_keys_in_a_field_decide_nothing(self):
        self.at_the_desk(
            """
            type(box(".o_kho_dl_mapping_filter"), "khai sinh");
            press("Enter");
            await until(() => name().includes("khai sinh"));
            press("Enter");
            const fields = [box("input[type=number]"), box("select[aria-label=Field]"), wanted()];
            for (const kind of ["textarea", "input", "div"]) {
                const field = document.createElement(kind);
                if (kind === "div") {
                    field.setAttribute("contenteditable", "true");
                    field.tabIndex = 0;
                }
                document.body.append(field);
                fields.push(field);
            }
            for (const field of fields) {
                field.focus();
                for (const key of ["Enter", "n", "s", "u", "1", "ArrowDown"]) {
                    press(key, field);
                }
            }
            await pause(1000);
            """
        )
        self.assert_untouched()

    def test_nothing_is_decided_before_the_list_is_read_again(self):
        self.at_the_desk(
            """
            slow("mapping_worklist", 500);
            press("s");
            for (let turn = 0; turn < 500 && !isAnswered("mapping_worklist"); turn++) {
                press("Enter");
                press("u");
                press("n");
                await pause(20);
            }
            await until(() => name().includes("khai sinh"));
            press("Enter");
            await until(() => name().includes("LLTP"));
            """
        )
        self.assertEqual(self.made.mapped("is_mapping_skipped"), [True, False])
        self.assertEqual([one.result_code_ids.code for one in self.made], [False, "KQ.T3"])

    def test_a_key_held_down_decides_once_and_undoes_once(self):
        self.at_the_desk(
            """
            press("Enter");
            await until(() => name().includes("khai sinh"));
            await pause(300);
            for (let turn = 0; turn < 5; turn++) {
                press("Enter", document.body, { repeat: true });
                await pause(30);
            }
            press("s");
            await until(() => box("[role=option].text-muted"));
            await pause(300);
            press("u");
            press("u");
            press("u", document.body, { repeat: true });
            await until(() => !box("[role=option].text-muted"));
            await pause(500);
            """
        )
        self.assertEqual([one.result_code_ids.code for one in self.made], ["KQ.T1", False])
        self.assertFalse(self.second.is_mapping_skipped)

    def test_enter_accepts_what_is_listed_for_what_is_typed_now(self):
        self.at_the_desk(
            """
            type(wanted(), "KQ.T3");
            await until(() => box(".o_kho_dl_mapping_choice.active")?.textContent.includes("KQ.T3"));
            slow("kho.dl.result.code", 500);
            type(wanted(), "KQ.T2");
            press("Enter");
            await pause(600);
            press("Enter");
            await until(() => box(".o_kho_dl_mapping_choice.active")?.textContent.includes("KQ.T2"));
            press("Enter");
            await until(() => name().includes("khai sinh"));
            await pause(300);
            if (document.activeElement === wanted()) throw new Error("The box keeps the keys");
            """
        )
        self.assertEqual([one.result_code_ids.code for one in self.made], ["KQ.T2", False])
