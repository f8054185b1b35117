"""Whether the secrets that an operator keeps outside the database can be had: one that cannot stops what needs it."""

from ...connection.res_company_secrets import SECRETS
from ..health_check import SETTINGS, Check, _lt


def _secret_facts(env, companies):
    return {company.id: {"secrets_unread": _unread(company)} for company in companies}


def _unread(company):
    """Return [name, why its file cannot be read, "" where it names several offices] of each secret of the own settings."""
    own = [name for name, (group, _part) in SECRETS.items() if not group or company._kho_dl_source(group) == company]
    outside = filter(None, map(company._kho_dl_outside, own))
    return [[one.name, one.problem] for one in outside if one.problem or one.is_shared]


class SecretUnread(Check):
    kind, sequence, place = "secret_unread", 15, SETTINGS
    title = _lt("What is kept secret outside the database is missing: %(secrets)s")
    advice = _lt(
        "See that the file is there, and that Odoo's user may read it; where a name stands for several offices, give each office a "
        "unit code of its own. What needs it waits until then; nothing was lost."
    )
    measures = (_secret_facts,)

    def judge(self, facts, company, now):
        return self.danger(secrets=facts.secrets_unread) if facts.secrets_unread else None

    def details(self, env, values):
        shared = env._("it stands for several offices")
        return {"secrets": ", ".join(f"{name} ({problem or shared})" for name, problem in values["secrets"])}
