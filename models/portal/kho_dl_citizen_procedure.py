from typing import NamedTuple

from odoo import api, models
from odoo.fields import Domain

from ..common.text import plain

# Of what somebody typed to find a procedure.
_MOST_WORDS, _MOST_CHARACTERS = 8, 100
# So many places and fields fit into a list to choose from.
_MOST_CHOICES = 300


class ProcedureLine(NamedTuple):
    """A procedure in the list; all but `id` in words, "" where nobody said it. `about` are those that there are."""

    id: int
    name: str
    sector: str
    duration: str
    cost: str
    circumstances: list
    about: str


class AskedLine(NamedTuple):
    """A document that a procedure asks for, the circumstances in which it does, and its form."""

    name: str
    is_required: bool
    circumstances: str
    form_name: str
    form_url: str


class ProcedurePage(NamedTuple):
    """What a citizen reads of a procedure before they apply; [(id, name)] of circumstances, offices and applicants."""

    line: ProcedureLine
    circumstances: list
    offices: list
    applicants: list
    documents: list
    agencies: list


class KhoDLCitizen(models.AbstractModel):
    """The procedures that a citizen can apply for, and what they ask for."""

    _inherit = "kho.dl.citizen"

    @api.model
    def _number_of(self, applicant, company):
        """Return the verified number with which the citizen applies to `company` for `applicant` today; False for none."""
        known = self._acting_numbers().filtered(lambda row: row.company_id == company.root_id)
        return known.filtered(lambda row: row.partner_id == applicant)._current().number

    @api.model
    def _offices(self, applicants=None):
        """Return the companies, as superuser, that take applications online and have verified whom the citizen acts for."""
        # sudo: which offices there are a citizen need not read.
        companies = self.env["res.company"].sudo().search([("kho_dl_apply_online", "=", True)])
        known = self._acting_numbers()
        if applicants is not None:
            known = known.filtered(lambda row: row.partner_id in applicants)
        by_root = known.grouped("company_id")
        return companies.filtered(
            lambda company: any(
                row.partner_id.company_id <= company.parent_ids for row in by_root.get(company.root_id, known.browse())
            )
        )

    @api.model
    def _procedures_domain(self, offices):
        return Domain("company_id", "in", offices._kho_dl_serving_ids()) if offices else Domain.FALSE

    @api.model
    def _found_domain(self, search="", sector=0, agency=0, office=0):
        """Return the domain of procedures with all words of `search`, in whatever marks, and with these ids, 0 for any."""
        offices = self._offices()
        found = self._procedures_domain(offices.filtered(lambda one: one.id == office) if office else offices)
        if sector:
            found &= Domain("sector_id", "=", sector)
        if agency:
            found &= Domain("present_agency_ids", "in", [agency])
        for word in plain(self._typed(search)[:_MOST_CHARACTERS]).split()[:_MOST_WORDS]:
            found &= (
                Domain("search_name", "ilike", word)
                | Domain("variant_ids.search_name", "ilike", word)
                | Domain("sector_id.search_name", "ilike", word)
            )
        # What stands on a form, with its dot.
        return found | (self._procedures_domain(offices) & Domain("code", "=", self._typed(search).strip()))

    @api.model
    def _procedure_count(self, **wanted):
        # sudo: what procedures there are is everybody's to know.
        return self.env["kho.dl.procedure"].sudo().search_count(self._found_domain(**wanted))

    @api.model
    def _procedure_lines(self, offset=0, limit=None, **wanted):
        # sudo: as above.
        procedures = self.env["kho.dl.procedure"].sudo()
        found = procedures.search(self._found_domain(**wanted), order="name, id", offset=offset, limit=limit)
        return [self._procedure_line(procedure) for procedure in found]

    @api.model
    def _procedure_line(self, procedure):
        days, cost, sector = procedure.processing_days, procedure.cost_words or "", procedure.sector_id.name or ""
        duration = self.env._("%(days)s working days", days=days) if days else ""
        return ProcedureLine(
            procedure.id,
            procedure.name,
            sector,
            duration,
            cost,
            procedure.variant_ids.mapped("name"),
            " · ".join(filter(None, (procedure.company_id.name, sector, duration, cost))),
        )

    @api.model
    def _choices(self):
        """Return {name of a filter: [(id, name)]} of what procedures can be looked for by."""
        offices = self._offices()
        # sudo: as above.
        procedures = self.env["kho.dl.procedure"].sudo()
        groups = {
            name: [record for (record,) in procedures._read_group(self._procedures_domain(offices), [field]) if record]
            for name, field in (("sector", "sector_id"), ("agency", "present_agency_ids"))
        }
        return {
            name: [(record.id, record.name) for record in records[:_MOST_CHOICES]]
            for name, records in {**groups, "office": offices if len(offices) > 1 else []}.items()
        }

    @api.model
    def _procedure(self, procedure_id):
        """Return the procedure as superuser; empty where it cannot be applied for."""
        # sudo: as above.
        wanted = self._procedures_domain(self._offices()) & Domain("id", "=", procedure_id)
        return self.env["kho.dl.procedure"].sudo().search(wanted)

    @api.model
    def _procedure_page(self, procedure_id):
        """Return the `ProcedurePage`, or None where it cannot be applied for."""
        procedure = self._procedure(procedure_id)
        if not procedure:
            return None
        offices = self._offices()
        if above := procedure.company_id:
            offices = offices.filtered(lambda office: above.id in office._kho_dl_serving_ids())
        several = len(procedure.variant_ids) > 1
        return ProcedurePage(
            self._procedure_line(procedure),
            [(variant.id, variant.name) for variant in procedure.variant_ids] if several else [],
            [(office.id, office.name) for office in offices],
            [
                (one.id, self.env._("Myself") if one == self._contact() else one.name)
                for one in self._applicants(offices.root_id)
            ],
            [
                AskedLine(
                    document.name,
                    document.required,
                    ", ".join(document.variant_ids.mapped("name")) if several else "",
                    document.form_name or "",
                    web_address(document.form_url),
                )
                for document in procedure.document_ids
            ],
            procedure.present_agency_ids.mapped("name"),
        )


def web_address(address):
    """Return `address` where it is one of the web that a page may link to; "" else."""
    address = (address or "").strip()
    return address if address.lower().startswith(("https://", "http://")) else ""
