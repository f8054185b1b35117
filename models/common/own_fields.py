from odoo.exceptions import AccessError


def check_only(record, vals, allowed):
    """Refuse to let a user write anything but `allowed` on `record` of a lookup, or of a form on it.

    What it shows was found by the system; only the choices in it are people's.
    """
    if not record.env.su and set(vals) - set(allowed):
        raise AccessError(record.env._("Only the choices on this form can be changed."))
