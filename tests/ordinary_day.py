"""What an office does all day, and what runs each minute, as calls by their names.

For tests of what is read for it, and for `./dev/years`, which runs this file in `odoo shell`.
"""

import secrets
from datetime import date

from lxml import etree

from odoo.addons.kho_dl.models.health.statistics import statistics_of
from odoo.addons.kho_dl.models.reporting.person_history import PersonHistory
from odoo.fields import Domain
from odoo.tests.form import Form
from odoo.tools.safe_eval import safe_eval

# These count days anew as long as their pass has time: they are no idle runs.
_COUNTING = "_cron_count_all"


def ordinary_day(env, user, page=80, most=10_001):
    """Yield (name, call) of each scheduled action, list, search and page, as `user`.

    `page` rows of a list are shown, and as many as it has are counted, up to `most`.
    """
    as_user = env(user=user.id, context={"allowed_company_ids": user.company_ids.ids, "tz": "Asia/Ho_Chi_Minh"})
    yield from _scheduled_actions(env)
    yield from _lists(as_user, page, most)
    yield from _searches(as_user, page)
    yield "health: facts and troubles", lambda: env["kho.dl.health"].sudo()._facts_and_troubles(user.company_id)
    yield "health: page", lambda: as_user["kho.dl.health"].search([]).read()


def next_stretch(env, company, rows):
    """Return a call that checks the last `rows` rows of the journal of `company`, and returns the `Verdict`."""
    head = env["kho.dl.journal.chain"]._head(company)
    first = head.position - rows
    env.cr.execute("SELECT chain_hash FROM kho_dl_retrieval WHERE chain_position = %s", [first])
    [(seal,)] = env.cr.fetchall()
    return lambda: head._check((first, seal), first + rows)


def _scheduled_actions(env):
    ours = env["ir.model.data"].search([("module", "=", "kho_dl"), ("model", "=", "ir.cron")], order="name")
    for data in ours:
        cron = env["ir.cron"].browse(data.res_id)
        if _COUNTING not in cron.code:
            yield f"scheduled: {data.name.removeprefix('ir_cron_').replace('_', ' ')}", cron.method_direct_trigger


def _lists(env, page, most):
    for menu in env["ir.ui.menu"].sudo().search([]):
        ours = menu.get_external_id().get(menu.id, "").startswith("kho_dl.")
        is_window = ours and menu.action and menu.action._name == "ir.actions.act_window"
        if is_window and (call := _opened(env, menu.action, page, most)):
            yield f"list: {menu.action.with_context(lang='en_US').name}", call


def _opened(env, action, page, most):
    """Return what opens `action` as the web client does, its first page and count; None where it is no list of ours."""
    modes = [mode for mode in action.view_mode.split(",") if mode in ("list", "pivot")]
    if not modes or not env[action.res_model].has_access("read"):
        return None
    names = {"uid": env.uid, "context_today": date.today, "allowed_company_ids": env.user.company_ids.ids}
    context = safe_eval(action.context or "{}", dict(names))
    chosen = {key.removeprefix("search_default_") for key in context if key.startswith("search_default_")}
    context = {key: value for key, value in context.items() if not key.startswith("search_default_")}
    records = env[action.res_model].with_context(**context)
    domain = Domain(safe_eval(action.domain or "[]", dict(names))) & _chosen(records, action, chosen, names)
    view = next((view for view, mode in action.views if mode == modes[0]), False)
    nodes = etree.fromstring(records.get_view(view or False, modes[0])["arch"]).iter("field")
    shown = [records._fields[name] for node in nodes if (name := node.get("name")) in records._fields]
    shown = [field for field in dict.fromkeys(shown) if records._has_field_access(field, "read")]
    if modes[0] == "pivot":
        figures = [field for field in shown if field.type in ("integer", "float") and field.aggregator]
        groups = [field.name for field in shown if field not in figures][:1]
        asked = [f"{field.name}:{field.aggregator}" for field in figures]
        return lambda: records.formatted_read_group(domain, groups, asked)
    spec = {field.name: {"fields": {"display_name": {}}} if field.relational else {} for field in shown}
    return lambda: records.web_search_read(domain, spec, limit=page, count_limit=most)


def _chosen(records, action, chosen, names):
    """Return the domain of the filters `chosen` with which a list opens."""
    arch = etree.fromstring(records.get_view(action.search_view_id.id, "search")["arch"])
    nodes = [node for node in arch.iter("filter") if node.get("name") in chosen]
    filters = [Domain(safe_eval(node.get("domain"), dict(names))) for node in nodes if node.get("domain")]
    month = date.today().replace(day=1)
    filters += [Domain(node.get("date"), ">=", month) for node in nodes if node.get("date")]
    return Domain.OR(filters) if filters else Domain.TRUE


def _searches(env, page):
    cases, people = env["kho.dl.case"], env["res.partner"].with_context(kho_dl_with_number=True)
    case = cases.search([("state", "=", "4"), ("name", "=like", "YEARS-%")], limit=1, order="id desc")
    number = case.owner_id_number
    ends_so = [("owner_id_number", "=like", f"%{number[-5:]}")]
    yield "form: a case", lambda: Form(case)
    yield "search: cases by number", lambda: cases.name_search(number)
    yield "search: cases by last digits", lambda: cases.search(ends_so, limit=page)
    yield "search: cases by name", lambda: cases.name_search(case.owner_id.name)
    yield "search: people by number", lambda: people.name_search(number)
    yield "search: people by name", lambda: people.name_search(case.owner_id.name)
    yield "search: people by a name of nobody", lambda: people.name_search("xyz nguyen")
    # As it is typed, with pauses: of somebody new nobody is found.
    for typed in ("xyzx", "xyz-x", "6789012", "0987654321"):
        yield f"search: people by {typed}, as nobody is called", lambda typed=typed: people.name_search(typed)
    yield "search: more people by a word of nobody", lambda: people.name_search("xyzx", limit=320)
    yield "a case by the card: somebody known", lambda: _begin(case, number)
    yield (
        "a case by the card: somebody new",
        lambda: _begin(case, f"{_new_number()}||Nguyễn Văn Xyz|01021990|Nam|Số 1|01012021"),
    )
    yield "what is known of a person", PersonHistory(env, [number]).entries
    yield "statistics for a monitor", lambda: statistics_of(env, env.company, date.today(), 1)
    yield "look: what our own store has", lambda: env["kho.dl.retrieve.wizard"].create({"case_id": case.id})


def _begin(case, card):
    """Make one more case like `case` with what a scanner read, as the form does."""
    with Form(case.browse()) as form:
        form.procedure_id, form.owner_id_number = case.procedure_id, card


def _new_number():
    return f"00109{secrets.randbelow(10**7):07}"
