"""What the journals of the companies open to a user tell about the person behind some id numbers, in words for that person.

Without staff's numbers, links and codes of ours: what is told here may be printed and handed over (Law 91/2025).
"""

from datetime import datetime
from operator import itemgetter
from typing import NamedTuple

from odoo.fields import Domain

from ...protocol.channels import BY_CITIZEN
from ..common.any_way import found_any_way
from ..common.id_number import ORGANISATION, id_number_kind
from ..common.office_time import begin_of_day, end_of_day, moment_words

# So many entries are shown at once.
MOST_ENTRIES = 500
# A file that was given, in whole or in part.
GIVEN = (200, 206)


class Entry(NamedTuple):
    """`kind` is one of `KINDS` of `kho.dl.person.page.line`; the others are words for people."""

    moment: datetime
    kind: str
    who: str
    about: str = ""
    why: str = ""
    what: str = ""


class PersonHistory:
    """The entries about `numbers` from `date_from` to `date_to` (days in Vietnam, or False), read as the user of `env`."""

    def __init__(self, env, numbers, date_from=False, date_to=False):
        self._env, self._numbers = env, list(numbers)
        self._begin = date_from and begin_of_day(date_from)
        self._end = date_to and end_of_day(date_to)

    def entries(self):
        """Return ([Entry] in order of time, whether older ones were left out): MOST_ENTRIES at most, the newest."""
        newest = self._newest()
        return [tell(row) for _moment, tell, row in reversed(newest[:MOST_ENTRIES])], len(newest) > MOST_ENTRIES

    def _newest(self, most=MOST_ENTRIES):
        """Return [(moment, what makes an Entry of the row, row)] of the `most` newest ones and one more, the newest first."""
        self._most = most
        queries = self._search("kho.dl.query", "asked_on", self._of_person("kho.dl.query"))
        retrievals = self._search("kho.dl.retrieval", "closed_on", self._retrieved())
        servings = self._search("kho.dl.serving", "served_on", self._served())
        self._agencies = agencies_of(self._env, servings.mapped("caller"))
        sources = (
            (queries, "asked_on", self._asked),
            (retrievals, "closed_on", self._fetched),
            (self._copies(), "create_date", self._copied),
            (self._search("kho.dl.file.decision", "decided_on", self._decided()), "decided_on", self._decision),
            (servings, "served_on", self._serving),
            (
                self._search("kho.dl.withdrawal", "withdrawn_on", self._of_person("kho.dl.withdrawal")),
                "withdrawn_on",
                self._withdrawal,
            ),
            (self._search("kho.dl.disclosure", "looked_on", self._by_number()), "looked_on", self._disclosure),
        )
        found = [(row[moment], tell, row) for rows, moment, tell in sources for row in rows]
        return sorted(found, key=itemgetter(0))[: -most - 2 : -1]

    # -- whose rows ----------------------------------------------------------------------------------

    def _search(self, model, moment, domain, sudo=False, also=Domain.FALSE):
        """Return the newest rows of `domain` whose `moment` lies in the period, one more than are shown.

        Of the open companies, and of what was done there for another one: the journals tell which that is, else `also`.
        """
        if self._begin:
            domain &= Domain(moment, ">=", self._begin)
        if self._end:
            domain &= Domain(moment, "<", self._end)
        records = self._env[model].sudo() if sudo else self._env[model]
        # Of the open companies alone, also for code that reads without their rules.
        own = self._of_open("company_id") | also
        if "held_by_id" in records._fields:
            own |= self._of_open("held_by_id")
        domain &= own & Domain(moment, "!=", False)
        return records.search(domain, order=f"{moment} desc", limit=self._most + 1)

    def _by_number(self):
        return Domain("owner_id_number", "in", self._numbers)

    def _of_person(self, model):
        # Where the number is gone from the journal, the case still tells whom the row was about.
        of_case = Domain("case_id", "in", self._case_ids()) & Domain("payload_emptied_on", "!=", False)
        return found_any_way(self._env[model], [self._by_number(), of_case])

    def _case_ids(self):
        # sudo: cases are closed to auditors; of these only which they are is looked at, of those that came to the open companies.
        cases = self._env["kho.dl.case"].sudo()
        return cases._search(self._by_number() & (self._of_open("company_id") | self._of_open("receiving_company_id")))

    def _of_open(self, name):
        return Domain(name, "in", self._env.companies.ids)

    def _question_ids(self):
        return self._env["kho.dl.query"]._search(self._of_person("kho.dl.query"))

    def _copies(self):
        """Return the `kho.dl.file.check` of the files that came from our own store for this person, and are there still."""
        # sudo: checks are closed to auditors; of these only when a file came on which case is told.
        received = self._of_open("case_id.receiving_company_id")
        own = Domain("fetched_for", "in", self._numbers)
        checks = self._search("kho.dl.file.check", "create_date", own, sudo=True, also=received)
        # A check goes with its case: what was done after that had gone is not told where it was received.
        checks = checks.filtered(lambda check: (self._office(check) | check.company_id) & self._env.companies)
        rows = self._env["kho.dl.retrieval"].sudo().search([("attachment_id", "in", checks.attachment_id.ids)])
        return checks.filtered(lambda check: check.attachment_id not in rows.attachment_id)

    def _retrieved(self):
        return Domain("query_id", "in", self._question_ids())

    def _decided(self):
        # A file that was fetched for somebody else is theirs, whoever's the case is now.
        handed_in = Domain("fetched_for", "in", (False, ""))
        ways = [
            Domain("case_id", "in", self._case_ids()) & handed_in,
            Domain("fetched_for", "in", self._numbers),
            Domain("retrieval_id", "in", self._env["kho.dl.retrieval"]._search(self._retrieved())),
        ]
        return found_any_way(self._env["kho.dl.file.decision"], ways)

    def _served(self):
        # sudo: papers are closed to auditors; only which files are this person's is looked at.
        files = self._env["kho.dl.paper.file"].sudo()
        own = files._search(Domain("paper_id.owner_id_number", "in", self._numbers) & self._of_open("company_id"))
        return Domain("paper_file_id", "in", own) & Domain("status", "in", GIVEN) & Domain("method", "=", "GET")

    # -- in words ------------------------------------------------------------------------------------

    def _asked(self, query):
        about = self._about(query.case_id, query.procedure_id)
        return Entry(query.asked_on, "asked", self._asker(query), about, self._why(query), self._answer(query))

    def _asker(self, query):
        # sudo: an account of the agency above the open companies, perhaps; of it only who asked is told.
        user = query.user_id.sudo()
        if query.channel in BY_CITIZEN and user.share:
            if id_number_kind(query.owner_id_number) == ORGANISATION:
                return self._env._("%(name)s, for the business", name=user.name)
            return self._env._("%(name)s, on the own case", name=user.name)
        return self._staff(query)

    def _staff(self, row, who="user_id"):
        # sudo: the name of a colleague who may have left the companies that are open.
        row = row.sudo()
        return self._env._("%(name)s, %(office)s", name=row[who].name, office=self._office(row).name)

    def _office(self, row):
        """Return the company in which was done what `row`, as superuser, tells."""
        if row._name == "kho.dl.file.check":
            return row.case_id._office_at(row.create_date)
        return row._office() if "held_by_id" in row._fields else row.company_id

    def _about(self, case, procedure):
        # sudo: cases and procedures are closed to auditors; the journal names them.
        return self._env._("Case %(case)s: %(procedure)s", case=case.sudo().name, procedure=procedure.sudo().name)

    def _why(self, query):
        channel = dict(query._fields["channel"]._description_selection(self._env)).get(query.channel, "")
        words = self._env._("To handle the application (%(channel)s).", channel=channel)
        if not query.consent_given:
            return words
        return f"{words} {self._agreed(query)}"

    def _agreed(self, query):
        return self._env._(
            "The person agreed; confirmed by %(name)s on %(time)s.",
            # sudo: as above.
            name=query.sudo().consent_user_id.name,
            time=moment_words(self._env, query.consent_on),
        )

    def _answer(self, query):
        # sudo: the catalogue is closed to auditors.
        asked = ", ".join(query.sudo().result_code_ids.mapped("name"))
        words = self._env._("Asked for: %(papers)s.", papers=asked)
        if query.outcome == "found":
            names = ", ".join(filter(None, (paper.get("name") for paper in query.answer or [])))
            outcome = self._env._("Papers found: %(count)s. %(names)s", count=query.paper_count, names=names)
        elif query.outcome == "none":
            outcome = self._env._("Nothing was found.")
        else:
            outcome = self._env._("There was no answer.")
        words = f"{words} {outcome.strip()}"
        return f"{words} {self._removed()}" if query.payload_emptied_on else words

    def _removed(self):
        return self._env._("What the answer said was removed from our records since.")

    def _fetched(self, row):
        kind = "attached" if row.state == "done" else "not_attached"
        paper = " – ".join(filter(None, (row.paper_name, row.paper_number, row.file_name))) or self._removed()
        return Entry(
            row.closed_on,
            kind,
            self._staff(row),
            self._about(row.query_id.case_id, row.query_id.procedure_id),
            self._env._("Selected for the application."),
            " – ".join(filter(None, (paper, row.agency_name))),
        )

    def _copied(self, check):
        return Entry(
            check.create_date,
            "attached",
            self._staff(check, "create_uid"),
            self._about(check.case_id, check.case_id.procedure_id),
            self._env._("Selected for the application, from what our agency keeps itself."),
            f"{check.case_document_id.name} – {check.name}",
        )

    def _decision(self, row):
        return Entry(
            row.decided_on,
            row.kind,
            self._staff(row),
            self._env._("Case %(case)s", case=row.case_name),
            self._reason(row),
            " – ".join(filter(None, (row.document_name, self._file_name(row)))),
        )

    def _reason(self, row):
        return row.reason or ""

    def _file_name(self, row):
        return row.file_name

    def _serving(self, row):
        return Entry(
            row.served_on,
            "served",
            self._agencies.get(row.caller) or self._unknown(row.caller),
            "",
            self._env._("Asked for by another agency through the national system."),
            row.paper_file_name,
        )

    def _unknown(self, caller):
        return caller

    def _withdrawal(self, row):
        words = self._env._("Files that were on their way and were not attached: %(count)s.", count=row.file_count)
        if row.kind:
            words = self._env._("The whole application was withdrawn. %(words)s", words=words)
        about = self._env._("Case %(case)s", case=row.case_name)
        return Entry(row.withdrawn_on, "withdrawn", self._staff(row), about, self._reason(row), words)

    def _disclosure(self, row):
        about = row.case_name and self._env._("Case %(case)s", case=row.case_name)
        return Entry(row.looked_on, row.kind, self._staff(row), about or "", self._reason(row), row.paper or "")


def agencies_of(env, callers):
    """Return {caller: name of the agency} of `callers` of `kho.dl.serving`, as far as the directory knows them."""
    # An X-Road client, as its adapter passes it on, in the form of the directory: parted by colons.
    codes = {caller: caller.replace("/", ":") for caller in callers}
    # sudo: the directory is closed to auditors and citizens; whom a person's paper went to is the person's to know.
    servers = env["kho.dl.security.server"].sudo().with_context(active_test=False)
    # Whoever goes on as another is named as that, with the name of before.
    names = {
        server.dstcode: server.name
        if server.present_id in (server, server.browse())
        else env._("%(name)s (formerly %(former)s)", name=server.present_id.name, former=server.name)
        for server in servers.search([("dstcode", "in", list(codes.values()))])
    }
    return {caller: names[code] for caller, code in codes.items() if code in names}
