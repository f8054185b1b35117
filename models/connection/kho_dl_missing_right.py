from odoo import fields, models


class KhoDLMissingRight(models.AbstractModel):
    """What can fail because a security server of the other side does not let our agency in (wire "Forwarding")."""

    _name = "kho.dl.missing.right"
    _description = "What a missing access right can stop"

    lacks_right = fields.Boolean(
        "Lacks an access right", readonly=True, help="The other side's security server does not let our agency in."
    )
