"""A case model of another application, as an integrator writes one on our mixin."""

from odoo import fields, models

from .common import AN

HEIR = "kho.dl.test.foreign.case"


def add_heir(test, procedure, arrived):
    """Put the model into the registry until `test` is over; what its hook is called with goes to the list `arrived`."""
    # As Odoo's own tests import it: nothing at the top of a file of an add-on may name `odoo.orm`.
    from odoo.orm.model_classes import add_to_registry  # pylint: disable=import-outside-toplevel

    class ForeignCase(models.Model):
        _module = None
        _name = HEIR
        _description = "Case of another application"
        _inherit = ["kho.dl.case.mixin"]

        partner_id = fields.Many2one("res.partner")
        company_id = fields.Many2one("res.company", default=lambda self: self.env.company)

        def _prepare_kho_dl_case(self):
            return {
                "procedure_id": procedure.id,
                "owner_id": self.partner_id.id,
                "owner_id_number": AN,
                "channel": "1",
            }

        def _kho_dl_documents_attached(self, documents):
            arrived.append((self, documents))

    add_to_registry(test.registry, ForeignCase)
    test.addCleanup(_forget_heir, test)
    test.registry._setup_models__(test.env.cr, [HEIR])
    test.registry.init_models(test.env.cr, [HEIR], {"models_to_check": True})


def _forget_heir(test):
    for parent in ("kho.dl.case.mixin", "base"):
        test.registry[parent]._inherit_children.discard(HEIR)
    del test.registry.models[HEIR]
    test.registry._setup_models__(test.cr)


def let_people_use_heir(env):
    """Give everybody who has a login inside the rights on the model that an integrator might give, company by company."""
    env["ir.model"]._reflect_models([HEIR])
    env["ir.model.access"].create(
        {
            "name": HEIR,
            "model_id": env["ir.model"]._get_id(HEIR),
            "group_id": env.ref("base.group_user").id,
            **dict.fromkeys(("perm_read", "perm_write", "perm_create"), True),
        }
    )
    env["ir.rule"].create(
        {
            "name": HEIR,
            "model_id": env["ir.model"]._get_id(HEIR),
            "domain_force": "[('company_id', 'in', company_ids)]",
        }
    )
