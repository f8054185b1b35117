from odoo.exceptions import AccessError

_ADD_ON = "kho_dl"


def check_only(record, vals, allowed):
    """Refuse to let a user write anything of ours but `allowed` on `record` of a lookup, or of a form on it.

    What it shows was found by the system; only the choices in it are people's. What another application adds to it is its own.
    """
    if not record.env.su and any(_is_ours(record, name) for name in set(vals) - set(allowed)):
        raise AccessError(record.env._("Only the choices on this form can be changed."))


def _is_ours(record, name):
    field = record._fields.get(name)
    # Of a field of what the record stands on (`_inherits`) the one there tells.
    return field is None or _ADD_ON in field.base_field._modules
