from functools import partial

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

from ..models.common.kho_dl_guarded import as_id
from ..models.common.own_fields import check_only

# How long the clerk's own request works on the files before the rest goes on in the background.
ATTACH_SECONDS = 12


class KhoDLRetrieveWizard(models.TransientModel):
    """The clerk's form on a `kho.dl.lookup`: look in our own store, ask the national one, choose, attach.

    Works the same without a browser: create it with `case_id` and `consent_given`, call
    `action_search()`, choose among `line_ids` by `selected`, call `action_attach()`.
    """

    _name = "kho.dl.retrieve.wizard"
    _description = "Look for existing papers"
    _inherit = ["kho.dl.guarded"]
    _inherits = {"kho.dl.lookup": "lookup_id"}
    _rec_name = "case_id"

    lookup_id = fields.Many2one("kho.dl.lookup", required=True, readonly=True, index=True, ondelete="cascade")
    case_id = fields.Many2one("kho.dl.case", required=True, readonly=True, ondelete="cascade")
    # As they are on the case now; those of the lookup tell what its answer is about.
    procedure_id = fields.Many2one(related="case_id.procedure_id", related_sudo=False)
    owner_id = fields.Many2one(related="case_id.owner_id", related_sudo=False)
    owner_id_number = fields.Char(related="case_id.owner_id_number", related_sudo=False)
    channel = fields.Selection(related="case_id.channel", related_sudo=False)
    document_ids = fields.One2many("kho.dl.retrieve.wizard.document", "wizard_id", "Required documents")
    line_ids = fields.One2many("kho.dl.retrieve.wizard.line", "wizard_id", "Existing papers")
    # What the clerk has seen: what others do to it since is said before anything is attached.
    shown_on = fields.Datetime(readonly=True)
    shown_count = fields.Integer(readonly=True)
    waiting_count = fields.Integer(compute="_compute_line_counts")
    failed_count = fields.Integer(compute="_compute_line_counts")
    # Which can still be attached.
    open_count = fields.Integer(compute="_compute_line_counts")
    unreachable = fields.Text(related="case_id.unreachable", related_sudo=False)
    withdrawn_words = fields.Text(related="case_id.withdrawn_words", related_sudo=False)
    fetch_total = fields.Integer(related="case_id.fetch_total", related_sudo=False)
    fetch_done = fields.Integer(related="case_id.fetch_done", related_sudo=False)
    fetch_failed = fields.Integer(related="case_id.fetch_failed", related_sudo=False)
    # Not related: what they tell is read as the clerk.
    owner_warning = fields.Text(compute="_compute_owner_warning")
    other_number_files = fields.Text(compute="_compute_owner_warning")
    right_words = fields.Char(compute="_compute_right_words")

    @api.depends("case_id")
    def _compute_owner_warning(self):
        for wizard in self:
            wizard.owner_warning = wizard.case_id.owner_warning
            wizard.other_number_files = wizard.case_id.other_number_files

    @api.depends("query_id", "line_ids.status")
    @api.depends_context("uid", "lang")
    def _compute_right_words(self):
        for wizard in self:
            is_stopped = wizard.case_id._stopped_by_a_right()
            wizard.right_words = bool(is_stopped) and wizard.case_id._right_words()

    @api.depends("line_ids.status", "line_ids.file_count")
    def _compute_line_counts(self):
        for wizard in self:
            statuses = wizard.line_ids.mapped("status")
            with_files = wizard.line_ids.filtered("file_count").mapped("status")
            wizard.open_count = with_files.count("new") + with_files.count("failed")
            wizard.waiting_count = statuses.count("waiting")
            wizard.failed_count = statuses.count("failed")

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            check_only(self, vals, {"case_id", "consent_given", "document_ids", "line_ids"})
        self._check_links(vals_list)
        # All defaults are looked at, also those of the lookup, which is there already.
        defaults = self.default_get(list(self._fields))
        wizards = super().create([self._with_lookup(vals, defaults) for vals in vals_list])
        for wizard in wizards:
            wizard._add_what_it_shows(wizard.lookup_id)
        return wizards

    def _with_lookup(self, vals, defaults):
        case = self.env["kho.dl.case"].browse(as_id({**defaults, **vals}.get("case_id")))
        if not case:
            raise UserError(
                self.env._("Papers are looked for on a case, and none is named. Nothing was asked: open the case.")
            )
        lookup = self.env["kho.dl.lookup"]._open(case, vals.get("consent_given"))
        if lookup.consent_given:
            # Said again it is no news, and nothing to race a colleague for; a new form withdraws nothing.
            vals = {name: value for name, value in vals.items() if name != "consent_given"}
        shown = {"shown_on": self.env.cr.now(), "shown_count": len(lookup._offered())}
        return {**vals, **shown, "case_id": case.id, "lookup_id": lookup.id}

    def write(self, vals):
        check_only(self, vals, {"consent_given", "document_ids", "line_ids"})
        for name in {"document_ids", "line_ids"}.intersection(vals):
            self._check_there(self[name].browse(_ids_of(vals[name])))
        return super().write(vals)

    def _check_there(self, lines):
        """Refuse what this form shows no more: the case is another, or the answer is over."""
        if lines - lines.exists():
            raise UserError(self.env._("%s Nothing was changed.", self._changed_words()))

    def _changed_words(self):
        return self.env._(
            "What was found has changed since this window showed it. Close the window and open it again: it shows what "
            "there is now."
        )

    def _check_as_shown(self, candidates):
        """Refuse to attach what somebody else has ticked, unticked or explained since this form showed its `candidates`."""
        others = candidates.filtered(
            lambda candidate: (
                candidate.chosen_by != self.env.uid and candidate.chosen_on and candidate.chosen_on > self.shown_on
            )
        )
        if others or len(candidates) < self.shown_count:
            raise UserError(self.env._("%s Nothing was attached.", self._changed_words()))

    def _show(self, lookup):
        """Show what its `lookup` has and this form has not: a colleague may have asked for more."""
        form = self._add_what_it_shows(lookup)
        form.write({"shown_on": self.env.cr.now(), "shown_count": len(form.line_ids)})

    def _add_what_it_shows(self, lookup):
        # sudo: what the form shows is not the clerk's choice, and whoever has it open has opened the lookup.
        form, lookup = self.sudo(), lookup.sudo()
        documents = lookup.document_ids - form.document_ids.lookup_document_id
        candidates = lookup._offered() - form.line_ids.candidate_id
        form.document_ids.create([{"wizard_id": self.id, "lookup_document_id": one.id} for one in documents])
        form.line_ids.create([{"wizard_id": self.id, "candidate_id": one.id} for one in candidates])
        return form

    def action_search(self):
        """Look in our own store, then ask the national one for what it has not answered yet.

        The outcome is on `query_id` ("found", "none", "failed"), the papers are in `line_ids`. Raises
        UserError when the question may not or cannot be put: nothing is asked then.
        """
        self.ensure_one()
        self.lookup_id._look(then=partial(self._show, self.lookup_id))
        return self._action_open()

    def action_search_again(self):
        """Do the same, and ask anew for what the national store has answered, too."""
        self.ensure_one()
        self.lookup_id._look_anew(then=partial(self._show, self.lookup_id))
        return self._action_open()

    def action_attach(self):
        """Attach the selected papers; what takes longer than a moment goes on in the background.

        The selection is committed before anything is fetched. Each line tells afterwards what became
        of it; calling again tries the failed ones again.
        """
        self.ensure_one()
        self.lookup_id._read_settings()
        # The lines and what they are about in one statement.
        lines = self.env["kho.dl.retrieve.wizard.line"].search_fetch([("wizard_id", "=", self.id)], ["candidate_id"])
        candidates = lines.candidate_id
        self._check_as_shown(candidates)
        # Before the commits, and of all documents in one statement.
        names = {document.id: document.name for document in self.case_id.document_ids}
        selected = [candidate.case_document_id.id for candidate in candidates if candidate.selected]
        if not self.lookup_id._attach(candidates, ATTACH_SECONDS):
            return self._action_open()
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "title": self.env._("Attached to the case"),
                "message": ", ".join(names[document_id] for document_id in selected),
                "next": {"type": "ir.actions.act_window_close"},
            },
        }

    def action_print_slip(self):
        """Return the action that shows what the applicant has to bring, to be printed."""
        self.ensure_one()
        return self.case_id.action_print_slip()

    def action_send_slip(self):
        """Send what the applicant has to bring; returns a notification."""
        self.ensure_one()
        told = self.case_id.action_send_slip()
        # This form stays.
        told["params"].pop("next")
        return told

    def _action_open(self):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Look for existing papers"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "views": [(False, "form")],
            "target": "new",
            # The pages of a paper stand beside the list.
            "context": {"dialog_size": "extra-large"},
        }


def _ids_of(commands):
    """Return the ids of the lines that these commands of a form change; what is no command Odoo refuses itself."""
    given = (
        [one for one in commands if isinstance(one, list | tuple) and len(one) > 1]
        if isinstance(commands, list)
        else []
    )
    return [one[1] for one in given if one[0] == Command.UPDATE and type(one[1]) is int]
