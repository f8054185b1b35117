"""Two citizens who each have one of everything, and every address of ours that opens something of it."""

import re
from functools import cached_property

from odoo import fields

from .application_case import ApplicationCase
from .business_case import BUSINESSES
from .common import AN, BINH, CHAU, CITIZEN_CARD, CRIMINAL_RECORD

CASES, APPLICATIONS, PAPERS = "/my/kho-dl/cases", "/my/kho-dl/applications", "/my/kho-dl/papers"
# For offices, and for whoever signs in and is nobody yet.
_OF_OTHERS = re.compile(r"/kho_dl/|/kho-dl/sign-in/")
_TAX_CODES = {AN: "0012345672", BINH: "0012345680"}
# Their ids are made as a found paper is looked at: tests of their own try them as another citizen.
_PREVIEW = f"{APPLICATIONS}/<int:case_id>/papers/<int:candidate_id>/files/<int:preview_id>"
_MADE_BY_LOOKING = {_PREVIEW, f"{_PREVIEW}/<int:number>.jpg"}
_CODES = {AN: "q7Zt0Yw3mVv8uQpRrSsTtU", BINH: "UtTsSrRpQu8vVm3wY0tZ7q"}


class CitizenThings:
    """A case that waits for documents, a paper in our store, and a draft whose papers were looked for; of one citizen."""

    def __init__(self, test, user, number):
        self.user, self.number, self.code = user, number, _CODES[number]
        self.case = test.own_case(user, number).with_env(test.env)
        test.fetch(self.case, CRIMINAL_RECORD)
        test.hand_in(self.case, f"scan of {user.login}.pdf")
        self.file = test.document(self.case, CITIZEN_CARD).attachment_ids
        self.case.state = "5"
        self.paper = test.stored(user, number, number=f"77-{user.login}/2026", date_expiry="2026-12-31")
        self.paper.sudo()._write_below_the_guard({"check_code": self.code})
        self.draft = test.begin(user)
        test.get(test.draft_address(self.draft))
        test.post(f"{test.draft_address(self.draft)}/ask", user, agree="1")
        self.lookup = test.env["kho.dl.lookup"].search([("case_id", "=", self.draft.id)])
        self.business = test.env["res.partner"].create({"name": f"Business of {user.login}", "is_company": True})
        self.mandate = test.mandate(user, self.business, _TAX_CODES[number])

    @cached_property
    def secrets(self):
        """What may stand in no answer to anybody else; numbers, names, links and tokens."""
        # sudo: links and tokens, which nobody reads.
        rows = self.of_cases("kho.dl.retrieval").sudo()
        files = self.paper.file_ids.sudo()
        texts = [self.case.name, self.draft.name, self.number, self.user.name, self.file.name, self.paper.number]
        texts += [self.business.name]
        return {*texts, *rows.mapped("link"), *files.mapped("token")} - {False, ""}

    def of_cases(self, model):
        """Return the records of `model` that belong to the case or the draft."""
        return self.case.env[model].search([("case_id", "in", (self.case | self.draft).ids)])

    def records(self):
        """Return {model: ids} of everything that belongs to this citizen."""
        documents, lookups = (self.case | self.draft).document_ids, self.of_cases("kho.dl.lookup")
        files = documents.attachment_ids | self.paper.attachment_ids
        found = [self.case | self.draft, documents, documents.check_ids, self.paper, self.paper.file_ids, files]
        found += [lookups, lookups.candidate_ids, lookups.document_ids, self.case.message_ids, self.case.supplement_ids]
        found += [self.of_cases("kho.dl.retrieval"), self.of_cases("kho.dl.query"), self.of_cases("kho.dl.outbox")]
        found += [self.user.partner_id.kho_dl_number_ids, self.mandate]
        return {records._name: records.ids for records in found if records}


class CitizenWorld(ApplicationCase):
    """Pages, files and forms are listed by the route that Odoo knows: a new one belongs into one of these lists.

    What is listed and no route is left out.
    """

    def setUp(self):
        super().setUp()
        self.company.kho_dl_serve_addresses = "10.9.8.7"
        self.make_things()

    def make_things(self):
        # Whom either may name, and who has nothing else.
        self.chau = self.make_citizen("citizen_chau", CHAU)
        self.things = {user: CitizenThings(self, user, number) for user, number in ((self.an, AN), (self.binh, BINH))}

    def mandate(self, user, business, tax_code):
        """Return the mandate of `user` to act for `business`, which a clerk has noted."""
        self.verify(business, tax_code)
        form = self.env["kho.dl.note.representative"].with_user(self.clerk)
        form.create(
            {
                "organisation_id": business.id,
                "person_id": user.partner_id.id,
                "paper_seen": "Registration certificate",
                "until": fields.Date.add(fields.Date.today(), days=300),
            }
        ).action_note()
        return self.env["kho.dl.mandate"].search([], limit=1)

    def routes(self, method):
        """Return the routes of our controllers for people outside the office that take `method`, as Odoo has them."""
        http = self.env["ir.http"]
        return {
            url
            for url, endpoint in http._generate_routing_rules(["kho_dl", "portal"], http._get_converters())
            if endpoint.original_endpoint.__module__.startswith("odoo.addons.kho_dl.controllers")
            and endpoint.original_routing.get("routes")
            and method in endpoint.routing["methods"]
            and not _OF_OTHERS.search(url)
            and url not in _MADE_BY_LOOKING
        }

    def pages(self, user):
        """Return {route: addresses} of the pages that `user` has."""
        own = self.things[user]
        paper = f"{self.draft_address(own.draft)}/papers/{own.lookup.candidate_ids[:1].id}"
        pages = {
            "/kho-dl/check": ["/kho-dl/check"],
            "/kho-dl/check/<string:code>": [f"/kho-dl/check/{own.code}", f"/kho-dl/check/{own.code[::-1]}"],
            CASES: [CASES, f"{CASES}?search=nothing"],
            f"{CASES}/page/<int:page>": [f"{CASES}/page/1"],
            f"{CASES}/<int:case_id>": [self.case_address(own.case)],
            PAPERS: [PAPERS],
            f"{PAPERS}/page/<int:page>": [f"{PAPERS}/page/1"],
            "/my/kho-dl/data": ["/my/kho-dl/data"],
            "/my/kho-dl/data/page/<int:page>": ["/my/kho-dl/data/page/1"],
            "/my/kho-dl/apply": ["/my/kho-dl/apply", "/my/kho-dl/apply?search=nothing"],
            "/my/kho-dl/apply/page/<int:page>": ["/my/kho-dl/apply/page/1"],
            "/my/kho-dl/apply/<int:procedure_id>": [f"/my/kho-dl/apply/{self.procedure.id}"],
            f"{APPLICATIONS}/<int:case_id>": [self.draft_address(own.draft)],
            f"{APPLICATIONS}/<int:case_id>/papers/<int:candidate_id>": [paper],
            f"{CASES}/<int:case_id>/messages": [f"{self.case_address(own.case)}/messages"],
            f"{CASES}/<int:case_id>/messages/page/<int:page>": [f"{self.case_address(own.case)}/messages/page/1"],
            BUSINESSES: [BUSINESSES],
        }
        return self._existing(pages, "GET")

    def _existing(self, listed, method):
        routes = self.routes(method)
        return {route: what for route, what in listed.items() if route in routes}

    def files(self, user):
        """The same of what is no page: files, and figures for a script."""
        own = self.things[user]
        files = {
            f"{CASES}/<int:case_id>/files/<int:file_id>": [self.case_address(own.case, own.file)],
            f"{PAPERS}/<int:paper_id>/files/<int:file_id>": [self.paper_address(own.paper)],
            f"{APPLICATIONS}/<int:case_id>/progress": [f"{self.draft_address(own.draft)}/progress"],
            # Printed, not read on a phone.
            f"{CASES}/<int:case_id>/receipt": [f"{self.case_address(own.case)}/receipt"],
        }
        return self._existing(files, "GET")

    def forms(self, user):
        """Return {route: (address, what the form of `user` sends)}."""
        own = self.things[user]
        case, draft = self.case_address(own.case), self.draft_address(own.draft)
        document = own.draft.document_ids[:1].id
        chosen = self.choices(own.draft, missing="none")
        upload = f"{APPLICATIONS}/<int:case_id>/upload/<int:document_id>"
        forms = {
            f"{CASES}/<int:case_id>/withdraw-consent": (f"{case}/withdraw-consent", {"reason": "Mine"}),
            f"{CASES}/<int:case_id>/messages": (f"{case}/messages", {"text": "How long will it take?"}),
            f"{CASES}/<int:case_id>/hand-in": (f"{case}/hand-in", {"words": "Here they are"}),
            f"{CASES}/<int:case_id>/withdraw": (f"{case}/withdraw", {"reason": "Mine", "confirmed": "1"}),
            upload: (f"{draft}/upload/{document}", {}),
            f"{upload}/take-off/<int:file_id>": (f"{draft}/upload/{document}/take-off/{own.file.id}", {}),
            f"{APPLICATIONS}/<int:case_id>/data": (f"{draft}/data", {"phone": "0900000000"}),
            f"{APPLICATIONS}/<int:case_id>/ask": (f"{draft}/ask", {"agree": "1"}),
            f"{APPLICATIONS}/<int:case_id>/choose": (f"{draft}/choose", chosen),
            f"{APPLICATIONS}/<int:case_id>/choose-anew/<int:document_id>": (f"{draft}/choose-anew/{document}", {}),
            f"{APPLICATIONS}/<int:case_id>/submit": (f"{draft}/submit", chosen),
            f"{APPLICATIONS}/<int:case_id>/discard": (f"{draft}/discard", {}),
            f"{BUSINESSES}/<int:mandate_id>/name": (
                f"{BUSINESSES}/{own.mandate.id}/name",
                {"name": self.chau.name, "number": CHAU, "until": str(fields.Date.add(fields.Date.today(), days=9))},
            ),
            f"{BUSINESSES}/<int:mandate_id>/revoke": (f"{BUSINESSES}/{own.mandate.id}/revoke", {"reason": "Left"}),
        }
        return self._existing(forms, "POST")
