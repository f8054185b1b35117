"""What a table of procedures may not change: what companies share, where the user may not change it."""

from .catalogue_content import NAMED_PARTS
from .catalogue_rows import put_fault
from .catalogue_sheet import column_words


def shared_faults(env, plan):
    """Return in words which rows of `plan` change procedures of others, or add to or revive what all companies share.

    A new result is everybody's: one that is called as another's document would be taken for it there.
    """
    words = column_words(env)
    faults = []
    for kind, parts in plan.parts.items():
        if env[NAMED_PARTS[kind]].has_access("write"):
            continue
        for code, part in parts.items():
            record = plan.known[kind].get(code)
            if record is None:
                fault = env._("%s is not known here. Only a system administrator adds it, for all companies.", code)
            elif not record.active:
                fault = env._("%s is archived for all companies. Only a system administrator brings it back.", code)
            else:
                continue
            faults.append(put_fault(env, words, part.row, part.column, fault))
    for one in plan.procedures:
        if one.record and one.is_changed and not one.record.has_access("write"):
            if one.record.company_id:
                # sudo: the name of the company above is known to whoever works in its branch.
                fault = env._(
                    "the procedure %(code)s is that of %(company)s, and is changed there only.",
                    code=one.row.code,
                    company=one.record.company_id.sudo().name,
                )
            else:
                fault = env._(
                    "the procedure %s is one of all companies. Only a system administrator changes it.", one.row.code
                )
            faults.append(put_fault(env, words, one.row.row, "procedure_code", fault))
    return faults
