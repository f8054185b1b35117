from odoo import fields, models


class Project(models.Model):
    _inherit = "project.project"

    kho_dl_procedure_id = fields.Many2one("kho.dl.procedure", "Procedure", groups="kho_dl.group_clerk")


class Task(models.Model):
    _name = "project.task"
    _inherit = ["project.task", "kho.dl.case.mixin"]

    kho_dl_procedure_id = fields.Many2one(related="project_id.kho_dl_procedure_id", related_sudo=False)

    def _prepare_kho_dl_case(self):
        return {
            "procedure_id": self.kho_dl_procedure_id.id,
            "owner_id": self.partner_id.id,
            "owner_id_number": self.partner_id.kho_dl_id_number,
            "channel": "1",  # at the counter
        }

    def _kho_dl_documents_attached(self, documents):
        # The files stay on the case, with those who may read it: a task has followers who may not.
        self.message_post(body=", ".join(documents.mapped("name")))
