"""How far the first set-up of a company has got: seven steps, read from the database. Nobody is asked anything."""

from dataclasses import dataclass

from odoo.tools import SQL, format_date

from ...protocol.errors import SettingsIncomplete
from ..common.office_time import moment_words
from .checks.account import account_keys, tested_key
from .health_check import DANGER, examine, trouble_words

_ADDRESS = {"ss_url", "unit_code"}


@dataclass(frozen=True, slots=True)
class Step:
    """`state` is "done", "todo" or "failed", `words` say what there is, what is missing, or why it failed."""

    state: str
    words: str


def setup_steps(env, company, now):
    """Return {name: Step} in the order in which they are gone; `now` is naive UTC."""
    # sudo: the steps say of the account only its name, and are shown to system administrators.
    company = company.sudo()
    facts, troubles = examine(env, company, now, kinds=("account_refused", "account_ending"))
    return {
        "address": _address(env, company, facts),
        "account": _account(env, company, facts, troubles),
        "test": _test(env, company),
        "directory": _directory(env),
        "catalogue": _catalogue(env, company),
        "mapping": _mapping(env, company),
        "acceptance": _acceptance(env, company),
    }


def _address(env, company, facts):
    if _ADDRESS.intersection(facts.missing):
        return Step("todo", env._("Enter the address of your own security server, and your agency's code."))
    return Step("done", env._("%(address)s, as %(unit)s", address=company.kho_dl_ss_url, unit=company._kho_dl_unit()))


def _account(env, company, facts, troubles):
    if any(".account." in name for name in facts.missing):
        return Step("todo", env._("Enter the account that the portal gave to your agency."))
    if troubles and troubles[0].level == DANGER:
        return Step("failed", " ".join(trouble_words(env, troubles[0])))
    if facts.account_until:
        day = format_date(env, facts.account_until)
        return Step("done", env._("%(account)s, until %(day)s", account=company.kho_dl_username, day=day))
    return Step("done", company.kho_dl_username)


def _test(env, company):
    try:
        keys = account_keys(env, company)
    except SettingsIncomplete:
        return Step(
            "todo", env._("Comes after address and account. The paths under “Advanced” must be filled in, too.")
        )
    if not company.kho_dl_tested_on:
        return Step("todo", env._("Nobody has tested the connection yet."))
    if company.kho_dl_tested_key != tested_key(keys, company):
        return Step("todo", env._("The settings have changed since the last test."))
    time = moment_words(env, company.kho_dl_tested_on)
    if company.kho_dl_test_problem:
        return Step("failed", env._("%(time)s: %(reason)s", time=time, reason=company.kho_dl_test_problem))
    return Step("done", env._("%s: the portal accepts the account for both services.", time))


def _directory(env):
    refreshes = env["kho.dl.directory.refresh"]
    done, failed = refreshes._last("done"), refreshes._last("failed")
    last = max(done | failed, key=lambda refresh: refresh.id, default=None)
    if not last:
        return Step("todo", env._("The list of all agencies and their servers was never fetched."))
    words = env._("%(time)s: %(message)s", time=moment_words(env, last.started_on), message=last.message)
    return Step(last.outcome, words)


def _catalogue(env, company):
    # sudo: what became of a run is no secret to whoever sets the company up, in whichever company they work now.
    last = (
        env["kho.dl.catalogue.sync"]
        .sudo()
        .search([("company_id", "=", company._kho_dl_source("catalogue").id)], limit=1)
    )
    if last.state == "failed":
        return Step("failed", last.summary)
    if last.state in ("pending", "running"):
        return Step(
            "todo", env._("Being fetched: %(done)s of %(total)s.", done=last.done_count, total=last.total_count)
        )
    [(procedures, documents)] = env.execute_query(
        SQL(
            """
            SELECT COUNT(DISTINCT procedure.id), COUNT(document.id)
              FROM kho_dl_procedure procedure
              LEFT JOIN kho_dl_procedure_document document ON document.procedure_id = procedure.id AND document.active
             WHERE procedure.active AND (procedure.company_id = ANY(%s) OR procedure.company_id IS NULL)
            """,
            company._kho_dl_serving_ids()[1:],
        )
    )
    if not procedures:
        return Step("todo", env._("There are no procedures yet. Fetch them, or bring in a table."))
    return Step(
        "done",
        env._("%(procedures)s procedures with %(documents)s documents", procedures=procedures, documents=documents),
    )


def _mapping(env, company):
    [(mapped, all_of_them)] = env.execute_query(
        SQL(
            """
            SELECT COUNT(*) FILTER (WHERE EXISTS (SELECT FROM kho_dl_procedure_document_result_code_rel mapping
                                                   WHERE mapping.procedure_document_id = document.id)),
                   COUNT(*)
              FROM kho_dl_procedure_document document
              JOIN kho_dl_procedure procedure ON procedure.id = document.procedure_id AND procedure.active
             WHERE document.active AND document.is_reusable
               AND (document.company_id = ANY(%s) OR document.company_id IS NULL)
            """,
            company._kho_dl_serving_ids()[1:],
        )
    )
    if not all_of_them:
        return Step("todo", env._("Comes after the catalogue."))
    words = env._(
        "%(mapped)s of %(all)s documents that can be reused have a result code (%(percent)s %%).",
        mapped=mapped,
        all=all_of_them,
        # 100 means all of them.
        percent=100 * mapped // all_of_them,
    )
    return Step("done" if mapped == all_of_them else "todo", words)


def _acceptance(env, company):
    # sudo: as for the catalogue.
    last = env["kho.dl.acceptance"].sudo().search([("company_id", "=", company.id), ("state", "!=", "new")], limit=1)
    if not last:
        return Step("todo", env._("No acceptance run was made yet."))
    words = env._("%(time)s: %(message)s", time=moment_words(env, last.started_on), message=last.summary)
    if last.state == "running":
        return Step("todo", words)
    return Step("failed" if last.failed_count else "done", words)
