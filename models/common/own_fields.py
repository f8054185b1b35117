from odoo.exceptions import AccessError

_ADD_ON = "kho_dl"


def check_only(record, vals, allowed):
    """Refuse to let a user write anything of ours but `allowed` on `record` of a lookup, or of a form on it.

    What it shows was found by the system; only the choices in it are people's.
    """
    if not record.env.su and ours_besides(record, vals, allowed):
        raise AccessError(record.env._("Only the choices on this form can be changed."))


def ours_besides(model, names, allowed):
    """Return those of `names` besides `allowed` that are fields of ours: what another module adds to `model` is its own to let write."""
    return {name for name in set(names) - set(allowed) if _is_ours(model._fields.get(name))}


def without_ours(model, vals, allowed):
    """Return `vals` without those of ours besides `allowed`, as for defaults of what the system alone records."""
    ours = ours_besides(model, vals, allowed)
    return {name: value for name, value in vals.items() if name not in ours}


def _is_ours(field):
    # What there is not is refused, too. Of a field of what the record stands on (`_inherits`) the one there tells.
    return field is None or _ADD_ON in field.base_field._modules
