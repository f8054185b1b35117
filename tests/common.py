from contextlib import ExitStack, closing
from unittest.mock import patch

from odoo import Command
from odoo.tests import TransactionCase
from odoo.tests import common as odoo_common
from odoo.tests import new_test_user as odoo_new_test_user

from ..models.connection import kho_dl_gateway
from ..models.connection.kho_dl_breaker import FAILURES_TO_OPEN
from ..simulator.server import Simulator
from .kept_browser import KeptBrowser

# A browser that a busy machine starts slowly is waited for, a minute: Odoo skips its tests after ten seconds.
odoo_common.CHECK_BROWSER_ITERATIONS = 600
# It waits for a page three minutes, where Odoo waits one.
odoo_common.ChromeBrowser = KeptBrowser

# The same for each step of a tour, for which Odoo has ten seconds. NAME is the tour's.
_PATIENT_TOUR = """
odoo.isTourReady(NAME).then(() => {
    const tour = odoo.loader.modules.get("@web/core/registry").registry.category("web_tour.tours").get(NAME);
    const steps = tour.steps;
    tour.steps = () => steps().map((step) => ({ timeout: 60000, ...step }));
    return true;
})
"""

MEDICAL_LICENCE = "1.012289"
CRIMINAL_RECORD = "KQ.G15.000007"
CITIZEN_CARD = "000.00.00.G01-KQ0301"
DEGREE = "KQ.G17.000120"
PRACTICE = "KQ.G18.000045"
HEALTH = "KQ.G18.000046"
LAND = "KQ.G10.000003"

# People of the simulator's world: nobody real has a number of the province 000.
AN = "000190000011"
BINH = "000285000022"
CHAU = "000392000033"
DUNG = "000179000044"

RESULT_NAMES = {
    CRIMINAL_RECORD: "Criminal record certificate no. 1",
    DEGREE: "Medical degree",
    PRACTICE: "Confirmation of practice",
    HEALTH: "Health certificate",
    CITIZEN_CARD: "Citizen card",
}


def new_test_user(env, login, groups="base.group_user", **values):
    """Return a user as Odoo's helper makes them, without what takes longest and nobody looks at here.

    That is the mail that asks to choose a password, the notes of a new contact, a picture of the initials, a seat in the
    channels of all, and how the form of users shows their groups.
    """
    quiet = {"no_reset_password": True, "mail_create_nolog": True, "tracking_disable": True}
    with (
        patch.object(env.registry["res.partner"], "_avatar_generate_svg", lambda partner: False),
        patch.object(env.registry["discuss.channel"], "_subscribe_users_automatically", lambda channels: None),
    ):
        made = odoo_new_test_user(env, login, groups, context=quiet, **{"view_group_hierarchy": False, **values})
    return made.with_env(env)


def new_stranger(env, groups):
    """Make a user `stranger` of `groups` who works in another agency only."""
    elsewhere = env["res.company"].create({"name": "Another agency"})
    company = {"company_id": elsewhere.id, "company_ids": [Command.set(elsewhere.ids)]}
    return new_test_user(env, "stranger", groups=groups, **company)


def own_records(env, model):
    """Return the records of `model` that the add-on brings with it."""
    ours = env["ir.model.data"].search([("module", "=", "kho_dl"), ("model", "=", model)])
    return env[model].browse(ours.mapped("res_id"))


def no_logos(case):
    """Have companies that a class makes begin without a picture: Odoo's own in five sizes is most of what one costs."""
    case.startClassPatcher(patch.object(case.registry["res.company"]._fields["logo"], "default", None))


class KhoDLFixtures:
    """A company connected to the real simulator over HTTP, a clerk, and the medical licence with its mapping.

    Made once for a class; each test has them as records of its own environment.
    """

    # {attribute: values} of those whom the tests of a class need besides the clerk.
    users = {}
    # Whether what Odoo keeps in memory (`ormcache`) outlives a test that has not changed it; not where statements are counted.
    keeps_memory = True
    # One request at a time has the cursor of a test: on a busy machine others wait long, and fail with a page of HTML.
    test_cursor_lock_timeout = 60

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        no_logos(cls)
        cls.simulator = cls.enterClassContext(Simulator(port=0))
        with ExitStack() as stack:
            if not cls._registry_patched:
                # Calls commit tokens.
                for patch in cls._registry_test_mode_patches(cr=cls.cr, registry=cls.registry):
                    stack.enter_context(patch)
            cr = stack.enter_context(closing(cls.registry.cursor()))
            env = cls.env(cr=cr)
            cls._clerk_id, cls._procedure_id = cls._make_fixtures(env)
            cls._user_ids = {name: new_test_user(env, **values).id for name, values in cls.users.items()}
            cr.commit()
        cls.env.invalidate_all()

    def setUp(self):
        """Where a class `keeps_memory`, have Odoo forget after a test only what the test has cleared.

        Odoo forgets all of it, and computes pages and rights anew in the next test. Whoever changes what is kept clears it,
        and it is cleared again once the change is undone.
        """
        if not self.keeps_memory:
            super().setUp()
            return
        clear, changed = self.registry.clear_cache, set()

        def noted(*names):
            changed.update(names or ("default",))
            clear(*names)

        with patch.object(self.registry, "clear_all_caches", lambda: changed and clear(*changed)):
            super().setUp()
        self.patch(self.registry, "clear_cache", noted)
        self.patch(self.registry, "clear_all_caches", lambda: noted(*self.registry.cache_sequences))

    @classmethod
    def _make_fixtures(cls, env):
        """Make what all tests need; return the ids of the clerk and of the procedure."""
        cls._connect(env.company)
        clerk = new_test_user(
            env, "kho_clerk", groups="kho_dl.group_clerk", name="Hoa", kho_dl_id_number="000188000077"
        )
        # Words are compared in English, also those that scheduled actions write in the language of most users.
        users = env.ref("kho_dl.group_clerk").all_user_ids
        users.filtered(lambda user: user.lang != "en_US").lang = "en_US"
        codes = env["kho.dl.result.code"].create([{"code": code, "name": name} for code, name in RESULT_NAMES.items()])
        procedure = env["kho.dl.procedure"].create(
            {
                "code": MEDICAL_LICENCE,
                "name": "First medical licence",
                "document_ids": [
                    (0, 0, {"name": "Application form"}),
                    *[(0, 0, {"name": code.name, "result_code_ids": [(6, 0, code.ids)]}) for code in codes],
                ],
            }
        )
        env.cr.commit()
        env["kho.dl.security.server"].action_refresh()
        # The next login is a test's.
        env["kho.dl.token"].search([]).unlink()
        return clerk.id, procedure.id

    @classmethod
    def _connect(cls, company):
        company.write(
            {
                "kho_dl_ss_url": cls.simulator.url,
                "kho_dl_unit_code": "H46",
                "kho_dl_username": "h46",
                "kho_dl_password": "h46-demo",
            }
        )

    def prepare(self):
        """Have the fixtures in `self.env`, and begin with a fresh world whose record is empty."""
        self.simulator.reset()
        self.addCleanup(self.simulator.reset)
        self.patch(kho_dl_gateway, "end_transaction", end_transaction)
        self.company = self.env.company
        self.clerk = self.env["res.users"].browse(self._clerk_id)
        for name, user_id in self._user_ids.items():
            setattr(self, name, self.env["res.users"].browse(user_id))
        self.procedure = self.env["kho.dl.procedure"].browse(self._procedure_id)
        self.codes = {code.code: code for code in self.procedure.document_ids.result_code_ids}

    # Both as Odoo does them, and a busy machine is waited for: twelve seconds are not enough for a page.

    def url_open(self, *args, **options):
        # Else each request looks through the environment for a proxy to this machine.
        self.opener.trust_env = False
        return super().url_open(*args, **{"timeout": 60, **options})

    def start_tour(self, url_path, tour_name, **options):
        ready = _PATIENT_TOUR.replace("NAME", repr(tour_name))
        super().start_tour(url_path, tour_name, **{"ready": ready, "timeout": 180, **options})

    def make_case(self, owner_id_number=AN, **values):
        """Return an open case of the medical licence at the counter, as the clerk's own."""
        owner = self.env["res.partner"].create({"name": "Applicant"})
        return (
            self.env["kho.dl.case"]
            .with_user(self.clerk)
            .create(
                {
                    "procedure_id": self.procedure.id,
                    "owner_id": owner.id,
                    "owner_id_number": owner_id_number,
                    **values,
                }
            )
        )

    def spare(self, lane, error, name="Agency"):
        """Have the far system `lane` behind the company's security server fail with `error` until it is spared."""
        for _time in range(FAILURES_TO_OPEN):
            self.env["kho.dl.breaker"]._failed(self.company.kho_dl_own_server, lane, name, error)

    def make_wizard(self, case, **values):
        return (
            self.env["kho.dl.retrieve.wizard"]
            .with_user(self.clerk)
            .create({"case_id": case.id, "consent_given": True, **values})
        )

    def attach_all(self, case):
        """Look for the papers of `case` and attach what is ticked; return the form."""
        wizard = self.make_wizard(case)
        wizard.action_search()
        wizard.action_attach()
        return wizard

    def process_now(self, rows, seconds):
        """Let a clerk who selects what stands in `rows` already wait for it."""
        same = [{"case_document_id": row.case_document_id.id, "link_key": row.link_key} for row in rows]
        rows.env["kho.dl.retrieval"]._fetch_now(rows.company_id, same, seconds)

    def document(self, case, code):
        """Return the document of `case` that wants the result `code`."""
        return case.document_ids.filtered(lambda document: document.result_code_ids.code == code)

    def line(self, wizard, code, number=None):
        """Return the candidates of `wizard` for the result `code`, maybe only those with `number`."""
        return wizard.line_ids.filtered(
            lambda line: line.case_document_id.result_code_ids.code == code and number in (None, line.number)
        )

    def retrievals(self, case):
        return self.env["kho.dl.retrieval"].search([("case_id", "=", case.id)], order="id")

    def asked(self):
        """Return the bodies of the questions that reached the portal."""
        return [request["body"] for request in self.simulator.requests("papers")]


def end_transaction(cr):
    """Commit, but not on the cursor of a plain test, which forbids it (`models/connection/kho_dl_gateway.py`)."""
    if "_savepoint" in vars(cr):
        cr.commit()


def is_transaction_open(cr):
    """Return whether a statement was not committed (`models/connection/kho_dl_gateway.py`)."""
    return bool(cr._savepoint)


class KhoDLCase(KhoDLFixtures, TransactionCase):
    """The fixtures on a cursor that may commit.

    The code under test commits on purpose (rule 3 of the house), so every test works on Odoo's test
    cursor, which turns commits into savepoints of the test's transaction.
    """

    def setUp(self):
        super().setUp()
        self.registry_enter_test_mode()
        cr = self.registry.cursor()
        self.addCleanup(cr.close)
        self.env = self.env(cr=cr)
        self.patch(kho_dl_gateway, "is_transaction_open", is_transaction_open)
        self.prepare()
