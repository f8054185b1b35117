from collections import defaultdict

from odoo import api, fields, models

from ..common.res_company import OF_EACH_CASE
from .res_company import KHO_DL_PEOPLE

# What a branch follows, or has of its own, together.
_GROUPS = {
    "connection": (
        "kho_dl_ss_url",
        "kho_dl_username",
        "kho_dl_password",
        "kho_dl_papers_username",
        "kho_dl_papers_password",
        "kho_dl_api_adapter",
        "kho_dl_download_adapter",
        "kho_dl_directory_login_path",
        "kho_dl_directory_path",
        "kho_dl_directory_dstcode",
        "kho_dl_directory_providerurl",
        "kho_dl_directory_login_dstcode",
        "kho_dl_directory_login_providerurl",
        "kho_dl_papers_login_path",
        "kho_dl_papers_path",
        "kho_dl_papers_dstcode",
        "kho_dl_papers_providerurl",
        "kho_dl_papers_login_dstcode",
        "kho_dl_papers_login_providerurl",
        "kho_dl_lookup_path",
        "kho_dl_lookup_dstcode",
        "kho_dl_lookup_providerurl",
        "kho_dl_sync_path",
        "kho_dl_sync_dstcode",
        "kho_dl_sync_providerurl",
        "kho_dl_dstcode_in",
        "kho_dl_auth_scheme",
        "kho_dl_login_as",
        "kho_dl_updating_as",
    ),
    "limits": (
        "kho_dl_token_lifetime",
        "kho_dl_timeout",
        "kho_dl_connect_timeout",
        "kho_dl_total_timeout",
        "kho_dl_give_up_hours",
        "kho_dl_answer_minutes",
        "kho_dl_max_file_mb",
        "kho_dl_uploads_per_day",
        "kho_dl_parallel_downloads",
        "kho_dl_parallel_per_server",
        "kho_dl_account_downloads",
        "kho_dl_parallel_messages",
    ),
    "online": ("kho_dl_apply_online", "kho_dl_citizen_questions", "kho_dl_draft_days"),
    "kinds": ("kho_dl_file_kind_ids",),
    "scanner": ("kho_dl_scanner_address",),
    "seal": ("kho_dl_seal_pkcs12", "kho_dl_seal_password"),
    "catalogue": ("kho_dl_catalogue_daily",),
    "telling": ("kho_dl_sync_enabled", "kho_dl_tell_states"),
    "serving": (
        "kho_dl_own_providerurl",
        "kho_dl_own_dstcode",
        "kho_dl_serve_addresses",
        "kho_dl_serve_per_minute",
    ),
    "citizens": ("kho_dl_tell_applicant", "kho_dl_citizen_store_url"),
    "privacy": ("kho_dl_retention_days", "kho_dl_unused_days", "kho_dl_message_days", "kho_dl_count_days"),
}
# What an account consists of: what names it, and what goes with that name only.
_LOGINS = {
    "kho_dl_username": ("kho_dl_password", "kho_dl_papers_username", "kho_dl_papers_password"),
    "kho_dl_papers_username": ("kho_dl_papers_password",),
    "kho_dl_seal_pkcs12": ("kho_dl_seal_password",),
}
# Without these a group of settings does nothing: a branch that has them empty follows.
_KEYS = {
    "connection": "kho_dl_ss_url",
    "scanner": "kho_dl_scanner_address",
    "seal": "kho_dl_seal_pkcs12",
}


class ResCompany(models.Model):
    """Settings of a branch are those of the nearest company above that has them, unless the branch differs.

    As with Odoo's own fields that branches share, each branch holds a copy of what counts for it: who reads a setting
    need not know of branches. Settings follow, or differ, by groups: an account of one office never gets the password
    of another.
    """

    _inherit = "res.company"

    kho_dl_differs_in = fields.Json(
        "Settings of its own in",
        readonly=True,
        copy=False,
        groups=KHO_DL_PEOPLE,
        help="Groups of settings in which a branch does not follow the company above.",
    )

    @api.model
    def _kho_dl_setting_groups(self):
        """Return {group: names of fields}; other rooms add theirs."""
        return dict(_GROUPS)

    def _kho_dl_account(self):
        """Return the company whose account counts for this one: itself, or the one above that it follows."""
        return self._kho_dl_source("connection")

    def _kho_dl_accounts(self):
        """Return {company whose account it is: those of `self` that work with it}."""
        accounts = defaultdict(self.browse)
        for company in self:
            accounts[company._kho_dl_account()] |= company
        return dict(accounts)

    def _kho_dl_source(self, group):
        """Return the company from which this one has its settings of `group`."""
        # sudo: whoever works in a branch works with the settings of the companies above, which may be closed to them.
        company = self.sudo()
        while company.parent_id and group not in (company.kho_dl_differs_in or ()):
            company = company.parent_id
        return company.with_env(self.env)

    def _kho_dl_read(self, groups):
        """Read the settings of these `groups` of this company, and which ones above it has them from: of a wide row that much."""
        # sudo: as above.
        company, known = self.sudo(), self._kho_dl_setting_groups()
        # Of all among which it is looked at: a pass asks office by office.
        among = company | company.browse(company._prefetch_ids)
        where = ["parent_id", "parent_path", "kho_dl_differs_in", "kho_dl_unit_code"]
        among.fetch([*where, *OF_EACH_CASE, *(name for group in groups for name in known[group])])
        company.browse(int(part) for part in (company.parent_path or "").split("/") if part).fetch(where)

    def _kho_dl_serving_ids(self):
        """Return the ids of the companies whose records serve these: False for all of them, then from above down to these."""
        # sudo: the companies above may be closed to who works in a branch, also where they are archived.
        paths = self.sudo().mapped("parent_path")
        return [False, *dict.fromkeys(int(part) for path in paths for part in path.split("/") if part)]

    def _kho_dl_unit(self):
        """Return the unit code of the company, else of the nearest one above that has one; False where none has."""
        return self._kho_dl_nearest("kho_dl_unit_code")

    def _kho_dl_nearest(self, name):
        """Return the value of the field `name` of the company, else of the nearest one above that has one."""
        # sudo: as above.
        company = self.sudo()
        while company.parent_id and not company[name]:
            company = company.parent_id
        return company[name]

    @api.model_create_multi
    def create(self, vals_list):
        companies = super().create(vals_list)
        # sudo: who makes a branch may not read the settings that it follows.
        companies.sudo().with_context(bin_size=False)._kho_dl_begin(vals_list)
        return companies

    def write(self, vals):
        result = super().write(vals)
        if written := self._kho_dl_written(vals):
            # sudo: branches follow also where whoever changes the settings does not work.
            companies = self.sudo().with_context(bin_size=False)
            for group, names in written.items():
                companies._kho_dl_settle(group, names)
            companies._kho_dl_tell_below(written)
        return result

    def _kho_dl_written(self, vals):
        """Return {group: names} of the settings among `vals`."""
        groups = {
            group: [name for name in names if name in vals] for group, names in self._kho_dl_setting_groups().items()
        }
        return {group: names for group, names in groups.items() if names}

    def _kho_dl_begin(self, vals_list):  # pylint: disable=missing-return
        """Give new branches the settings of the company above; a group of which they bring some that differ is theirs."""
        alike = defaultdict(self.browse)
        for company, vals in zip(self, vals_list, strict=True):
            if not company.parent_id:
                continue
            own, kept = set(), set()
            for group, names in company._kho_dl_written(vals).items():
                if company._kho_dl_is_other(group, names):
                    own.add(group)
                    kept |= company._kho_dl_foreign_secrets(group, names)
                    kept |= {name for name in names if name != _KEYS.get(group) or company[name]}
            alike[company.parent_id, frozenset(own), frozenset(kept)] |= company
        for (above, own, kept), companies in alike.items():
            names = {name for group in self._kho_dl_setting_groups().values() for name in group} - kept
            # Nothing was said, sent or tested of these yet, which others would note of a change.
            values = {**above._kho_dl_values(names), "kho_dl_differs_in": sorted(own) or False}
            super(ResCompany, companies).write(values)  # pylint: disable=super-method-mismatch

    def _kho_dl_is_other(self, group, names):
        """Return whether what was entered in a branch is not what counts above; an empty key is taken from there."""
        key = _KEYS.get(group)
        is_emptied = key in names and not self[key]
        return any(self[name] != self.parent_id[name] and not (is_emptied and not self[name]) for name in names)

    def _kho_dl_foreign_secrets(self, group, names):
        """Return the names of secrets that belong to an account, or a key, other than the one entered."""
        followed = self._kho_dl_setting_groups()[group]
        return {
            secret
            for name, secrets in _LOGINS.items()
            if name in followed and name in names and self[name] and self[name] != self.parent_id[name]
            for secret in secrets
            if secret not in names
        }

    def _kho_dl_settle(self, group, names):
        """Note of branches whether they differ in `group` after a change of `names`."""
        key = _KEYS.get(group)
        for company in self.filtered("parent_id"):
            differs = group in (company.kho_dl_differs_in or ())
            if company._kho_dl_is_other(group, names):
                if not differs:
                    secrets = company._kho_dl_foreign_secrets(group, names)
                    company._kho_dl_note({group}, set())
                    company.write({name: False for name in secrets if company[name] == company.parent_id[name]})
                if key in names and not company[key]:
                    company[key] = company.parent_id[key]
            elif key in names and not company[key] and (differs or company.parent_id[key]):
                company._kho_dl_follow(group)

    def _kho_dl_note(self, own, followed):
        self.ensure_one()
        noted = sorted({*(self.kho_dl_differs_in or ()), *own} - followed)
        if noted != (self.kho_dl_differs_in or []):
            self.write({"kho_dl_differs_in": noted or False})

    def _kho_dl_differ(self, group):
        """Let a branch keep the settings of `group` that it has, whatever happens above."""
        # sudo: the note is ours.
        company = self.sudo()
        if company.parent_id:
            company._kho_dl_note({group}, set())

    def _kho_dl_follow(self, group):
        """Give a branch, and those below that follow it, the settings of `group` of the company above again."""
        # sudo: the settings of the company above may be closed to whoever works in the branch.
        company = self.sudo().with_context(bin_size=False)
        above = company.parent_id
        if above:
            company._kho_dl_note(set(), {group})
            names = [name for name in self._kho_dl_setting_groups()[group] if company[name] != above[name]]
            if names:
                company.write(above._kho_dl_values(names))

    def _kho_dl_values(self, names):
        return {name: self._fields[name].convert_to_write(self[name], self) for name in sorted(names)}

    def _kho_dl_tell_below(self, written):
        """Write the settings `written` ({group: names}) of these companies to all branches below that follow, too."""
        # An archived branch may come back, and must not bring an old account with it.
        below = self.with_context(active_test=False).search([("id", "child_of", self.ids), ("id", "not in", self.ids)])
        if not below:
            return
        tree = (below | self).sorted(lambda company: company.parent_path.count("/"))
        for source in self:
            same = defaultdict(list)
            for group, names in written.items():
                same[source._kho_dl_followers(group, tree) & below] += names
            for followers, names in same.items():
                if others := followers.filtered(lambda one: any(one[name] != source[name] for name in names)):  # noqa: B023
                    others.write(source._kho_dl_values(names))

    def _kho_dl_followers(self, group, tree):
        """Return those of `tree`, sorted from above, that have their settings of `group` from this company."""
        reached = self
        for company in tree:
            if company.parent_id in reached and group not in (company.kho_dl_differs_in or ()):
                reached |= company
        return reached - self

    @api.model
    def _kho_dl_adopt_branches(self):
        """Let branches that had settings before there was anything to follow keep those that differ (an upgrade)."""
        # sudo: all branches, of whomever.
        companies = self.sudo().with_context(active_test=False, bin_size=False)
        for branch in companies.search([("parent_id", "!=", False)]).sorted(lambda one: one.parent_path.count("/")):
            for group, names in self._kho_dl_setting_groups().items():
                key = _KEYS.get(group)
                if key and not branch[key]:
                    branch._kho_dl_follow(group)
                elif any(branch[name] != branch.parent_id[name] for name in names):
                    branch._kho_dl_note({group}, set())
