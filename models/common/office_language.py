"""Which language an office writes where nobody chose one: in what scheduled actions note, and to applicants."""

from odoo.fields import Domain


def in_office_language(model):
    """Return `model` in the language that most users of Kho DL have."""
    group = model.env.ref("kho_dl.group_clerk")
    # sudo: the scheduled actions' own; of the users only the language is looked at.
    people = model.env["res.partner"].sudo()
    is_user = Domain("user_ids.all_group_ids", "in", group.ids) & Domain("lang", "!=", False)
    most = people._read_group(is_user, ["lang"], ["__count"], order="__count desc, lang", limit=1)
    return model.with_context(lang=most[0][0]) if most else model
