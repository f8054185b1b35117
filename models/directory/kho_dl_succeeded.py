from odoo import api, fields, models

from ...protocol.agencies import canonical, national_forms, successors


class KhoDLSucceeded(models.AbstractModel):
    """A record with the code of an agency, that knows as which of them the agency goes on today (wire §3).

    Who was divided, or goes on under a code that nobody lists, stays by itself: an agency is never guessed. The names of those
    that were merged into it stand behind its own where the context asks for them (`kho_dl_with_former`).
    """

    _name = "kho.dl.succeeded"
    _description = "Agency that may have a successor"

    @api.model_create_multi
    def create(self, vals_list):
        records = super().create(vals_list)
        self._follow_later()
        return records

    def write(self, vals):
        result = super().write(vals)
        if not {"code", "active"}.isdisjoint(vals):
            self._follow_later()
        return result

    @api.model
    def _follow_later(self):
        """Let all follow before the transaction ends: others may go on as one that came, or do so no more as one that went."""
        pending = self.env.cr.precommit.data.setdefault("kho_dl_following", set())
        if self._name not in pending:
            pending.add(self._name)
            self.env.cr.precommit.add(self.browse()._follow_successions)

    @api.depends("code")
    def _compute_present_id(self):
        for record, present in self._present().items():
            record.present_id = present

    def _present(self):
        """Return {record: the one that goes on for it today, or itself}."""
        successions = self.env["kho.dl.agency.succession"]._new_codes()
        closed = set(map(canonical, successions))
        # Whatever the caller looks at: nobody goes on as one that was archived.
        everything = self.with_context(active_test=True)
        # pylint: disable-next=no-search-all; a code is written in several ways, and compared in one
        listed = everything.search([]).grouped(lambda record: canonical(record.code or "")) if closed else {}
        present = {record: record for record in self}
        for record in self:
            # Without one where what is saved lacks it, which is refused a moment later.
            code = record.code or ""
            if closed.isdisjoint((canonical(code), *national_forms(code))):
                continue
            later = successors(code, successions)
            ends = {canonical(code) for code in later if not successors(code, successions)}
            found = listed.get(ends.pop(), ()) if len(ends) == 1 else ()
            if len(found) == 1:
                present[record] = found
        return present

    @api.model
    def _follow_successions(self):
        """Let all records go on where the successions of today say; the others are not touched."""
        # sudo: which agency became which is the same for everybody.
        # pylint: disable-next=no-search-all; each may be closed
        records = self.sudo().with_context(active_test=False).search([])
        present = records._present()
        records.filtered(lambda record: record.present_id != present[record]).modified(["code"])

    def _add_former_names(self):
        if not self.env.context.get("kho_dl_with_former"):
            return
        closed = self.env["kho.dl.agency.succession"]._closed_by_successor()
        for record in self:
            if former := closed.get(canonical(record.code or "")):
                names = {"name": record.display_name, "former": ", ".join(sorted(former))}
                record.display_name = self.env._("%(name)s (formerly %(former)s)", **names)


class KhoDLSecurityServer(models.Model):
    _name = "kho.dl.security.server"
    _inherit = ["kho.dl.security.server", "kho.dl.succeeded"]

    present_id = fields.Many2one(
        "kho.dl.security.server", "Goes on as", compute="_compute_present_id", store=True, index=True
    )

    @api.depends_context("kho_dl_with_former")
    def _compute_display_name(self):  # pylint: disable=missing-return
        super()._compute_display_name()
        self._add_former_names()


class KhoDLAgency(models.Model):
    _name = "kho.dl.agency"
    _inherit = ["kho.dl.agency", "kho.dl.succeeded"]

    present_id = fields.Many2one("kho.dl.agency", "Goes on as", compute="_compute_present_id", store=True, index=True)

    @api.depends_context("kho_dl_with_former")
    def _compute_display_name(self):  # pylint: disable=missing-return
        super()._compute_display_name()
        self._add_former_names()


class KhoDLProcedure(models.Model):
    _inherit = "kho.dl.procedure"

    # Figures are those of the agencies of today.
    present_agency_ids = fields.Many2many(
        "kho.dl.agency",
        "kho_dl_procedure_present_agency_rel",
        compute="_compute_present_agency_ids",
        store=True,
        string="Carried out today by",
    )

    @api.depends("agency_ids.present_id")
    def _compute_present_agency_ids(self):
        for procedure in self:
            procedure.present_agency_ids = self.env["kho.dl.agency"].union(
                *(agency.present_id or agency for agency in procedure.agency_ids)
            )
