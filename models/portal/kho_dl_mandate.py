from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import SQL

from ..common.id_number import ORGANISATION, PERSON, clean_id_number, id_number_kind
from ..common.id_number_field import IdNumber
from ..common.office_time import day_of
from ..common.text import plain

LAWFUL, NAMED = "lawful", "named"
IN_FORCE, OVER, REVOKED = "in_force", "over", "revoked"
# Days from today; nobody acts for a business for ever because nobody thought of ending it.
LONGEST = {LAWFUL: 5 * 366, NAMED: 366}
# People who are named for a business and stand, or were named within a day: numbers are not tried out.
MOST_NAMED = 20
_A_DAY = timedelta(days=1)


class KhoDLMandate(models.Model):
    """Journal: one row for each person who may act for a business until a day, and one for each revocation of that.

    It speaks of numbers, not of contacts: whoever has the person's number verified, in the same group of companies, acts for
    the contact that has the tax code verified there. So naming somebody tells nothing of who is known to the office.
    """

    _name = "kho.dl.mandate"
    _description = "Mandate to act for a business"
    _inherit = ["kho.dl.journal"]
    _order = "id desc"
    _rec_name = "organisation_name"
    _is_made_by_code = True

    kind = fields.Selection(
        [(LAWFUL, "Lawful representative"), (NAMED, "Named by the representative"), (REVOKED, "Revocation")],
        required=True,
        readonly=True,
    )
    noted_on = fields.Datetime("Noted on", required=True, readonly=True, default=fields.Datetime.now)
    user_id = fields.Many2one("res.users", "Noted by", required=True, readonly=True, index=True, ondelete="restrict")
    organisation_name = fields.Char("Business", readonly=True)
    organisation_number = IdNumber("Tax code", readonly=True, index="btree_not_null")
    person_name = fields.Char("May act", readonly=True)
    person_number = IdNumber("Id number", readonly=True, index="btree_not_null")
    paper_seen = fields.Char("Paper seen", readonly=True, help="What showed the officer who represents the business.")
    until = fields.Date(readonly=True, help="The last day, in Vietnam.")
    under_id = fields.Many2one(
        "kho.dl.mandate",
        "Named under",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
        help="The mandate of the representative who named this person: it ends with that one.",
    )
    revokes_id = fields.Many2one("kho.dl.mandate", readonly=True, ondelete="restrict")
    revocation_ids = fields.One2many("kho.dl.mandate", "revokes_id")
    reason = fields.Text("Why", readonly=True)
    state = fields.Selection(
        [(IN_FORCE, "In force"), (OVER, "Over"), (REVOKED, "Revoked")],
        compute="_compute_state",
        search="_search_state",
    )
    revoked_on = fields.Datetime(compute="_compute_state")
    revoked_by = fields.Many2one("res.users", compute="_compute_state")
    revoked_why = fields.Text("Revoked because", compute="_compute_state")
    company_id = fields.Many2one("res.company", "Agency", required=True, readonly=True, index=True, ondelete="restrict")

    _chain_fields = ("kind", "noted_on", "user_id", "until", "under_id", "revokes_id", "closed_on", "company_id")
    _payload_fields = (
        "organisation_name",
        "organisation_number",
        "person_name",
        "person_number",
        "paper_seen",
        "reason",
    )

    _revoked_once = models.UniqueIndex("(revokes_id) WHERE revokes_id IS NOT NULL", "This was revoked already.")
    _whole = models.Constraint(
        "CHECK ((kind = 'revoked') = (revokes_id IS NOT NULL) AND (kind = 'revoked') = (until IS NULL)"
        " AND (kind = 'named') = (under_id IS NOT NULL))",
        "A mandate has an end, and who is named has somebody who named them.",
    )

    @api.depends("until", "revocation_ids", "under_id.revocation_ids")
    def _compute_state(self):
        today = self._today()
        for mandate in self:
            # sudo: who sees a mandate sees what ended it.
            revocation = mandate.sudo().revocation_ids or mandate.sudo().under_id.revocation_ids
            is_over = mandate.until and mandate.until < today
            mandate.state = mandate.until and (REVOKED if revocation else OVER if is_over else IN_FORCE)
            mandate.revoked_on = revocation.noted_on
            mandate.revoked_by = revocation.user_id
            mandate.revoked_why = revocation.reason

    @api.model
    def _search_state(self, operator, value):
        if operator != "in":
            return NotImplemented
        revoked = Domain("revocation_ids", "!=", False) | Domain("under_id.revocation_ids", "!=", False)
        domains = {
            IN_FORCE: self._in_force_domain(),
            OVER: Domain("until", "<", self._today()) & ~revoked,
            REVOKED: Domain("until", "!=", False) & revoked,
            False: Domain("until", "=", False),
        }
        return Domain.OR(domain for state, domain in domains.items() if state in value)

    def _is_closed(self):
        return bool(self.closed_on)

    @api.model
    def _outdated_domain(self, companies):
        # Whoever may act is known by what would be emptied.
        return super()._outdated_domain(companies) & ~self._in_force_domain()

    @api.model
    def _today(self):
        return day_of(fields.Datetime.now())

    # -- who may act today ---------------------------------------------------------------------------

    @api.model
    def _in_force_domain(self):
        """Return the domain of the mandates that stand today; none was given for longer than the one that it is under."""
        stands = Domain("until", ">=", self._today()) & Domain("revocation_ids", "=", False)
        return stands & (Domain("under_id", "=", False) | Domain("under_id.revocation_ids", "=", False))

    @api.model
    def _of_person(self, numbers):
        """Return, as superuser, the mandates of whoever has `numbers` (`kho.dl.id.number`, verified), in force or not.

        Who was named under a wrong number is somebody else: the name must be the one on the card, too.
        """
        # sudo: a citizen reads no records; these are about the own numbers.
        found = self.sudo().search(
            Domain.OR(
                Domain("company_id", "=", own.company_id.id) & Domain("person_number", "=", own.number)
                for own in numbers
            )
        )
        name = plain(numbers.partner_id.name or "")
        return found.filtered(
            lambda mandate: (
                mandate.kind == LAWFUL or (mandate.kind == NAMED and plain(mandate.person_name or "") == name)
            )
        )

    def _businesses(self):
        """Return {`kho.dl.id.number`: those of these mandates that stand} of the businesses whose tax code is verified."""
        standing = self.filtered(lambda mandate: mandate.state == IN_FORCE).grouped(
            lambda mandate: (mandate.company_id, mandate.organisation_number)
        )
        # sudo: as above, about the businesses that the person may act for.
        numbers = self.env["kho.dl.id.number"].sudo()
        codes, beside = numbers._verified(
            Domain("number", "in", [number for _company, number in standing]), self.company_id
        )
        return {
            code: standing[code.company_id, code.number]
            for code in codes
            if (code.company_id, code.number) in standing
            and beside[code.partner_id, code.company_id]._can_be_one_person()
        }

    @api.model
    def _people(self, tax_code, root):
        """Return the contacts, as superuser, with the number of somebody who may act for `tax_code` in the group of `root`."""
        of_business = Domain("company_id", "=", root.id) & Domain("organisation_number", "=", tax_code)
        # sudo: who has which number is not the user's to read; whoever calls this asks each of them what they see.
        named = self.sudo().search(of_business & self._in_force_domain())
        found = Domain("company_id", "=", root.id) & Domain("number", "in", named.mapped("person_number"))
        return named.env["kho.dl.id.number"].search(found & Domain("verified_how", "!=", False)).partner_id

    # -- naming --------------------------------------------------------------------------------------

    @api.model
    def _note_lawful(self, organisation, person, until, paper_seen):
        """Note that an officer has seen `paper_seen`, by which `person` represents `organisation`, contacts both; return the row.

        `until` is the last day. Raises AccessError for who is no officer, UserError where a number is not verified.
        """
        code = self._noted_for(organisation, until, paper_seen)
        person.check_access("read")
        own = self._verified_number(person, PERSON)
        values = {"person_name": person.name, "person_number": own.number, "paper_seen": paper_seen.strip()}
        return self._add(code, {"kind": LAWFUL, "until": until, **values})

    @api.model
    def _noted_for(self, organisation, until, paper_seen):
        """Return the tax code of `organisation` (`kho.dl.id.number`) where the user may note its representative so; raise as above."""
        if not self.env.user.has_group("kho_dl.group_clerk"):
            raise AccessError(self.env._("Only officers say that they have seen who represents a business."))
        organisation.check_access("read")
        if not (paper_seen or "").strip():
            raise UserError(self.env._("Say which paper shows who represents the business. Nothing was noted."))
        self._check_day(LAWFUL, until)
        return self._verified_number(organisation, ORGANISATION)

    @api.model
    def _check_day(self, kind, until):
        """Raise UserError unless a mandate of this `kind` may end on `until`."""
        last = self._today() + timedelta(days=LONGEST[kind])
        if not until or not self._today() <= until <= last:
            raise UserError(
                self.env._("Choose a day from today to %(last)s. Nothing was changed.", last=last.strftime("%d/%m/%Y"))
            )

    @api.model
    def _verified_number(self, contact, kind):
        if code := self._verified_number_or_none(contact, kind):
            return code
        words = self.env._(
            "Note first that you have seen the card of the person, and the registration certificate of the business, with "
            "the number on it: that of %(name)s is not verified. Nothing was noted.",
            name=contact.name,
        )
        raise UserError(words)

    @api.model
    def _verified_number_or_none(self, contact, kind):
        numbers = contact._kho_dl_numbers(self.env.company).filtered("verified_how")
        right = numbers.filtered(lambda own: id_number_kind(own.number) == kind)
        return right._current() if right and numbers._can_be_one_person() else right.browse()

    def _name_another(self, name, number, until):
        """Let the person `name` with the id `number` act under this mandate of a lawful representative; return the row.

        Nothing is looked up, so that the answer tells nothing of whose number it is. Raises UserError where it cannot be so.
        """
        self.ensure_one()
        number, name = clean_id_number(number), " ".join((name or "").split())
        if id_number_kind(number) != PERSON or not plain(name):
            raise UserError(
                self.env._(
                    "Type the name and the number as they stand on the card of the person: 12 digits, 9 on an old card."
                )
            )
        [code] = self._businesses() or [None]
        if self.kind != LAWFUL or not code:
            raise UserError(self.env._("You may no longer name anybody for this business. Nothing was changed."))
        until = until and min(until, self.until)
        values = {"person_name": name, "person_number": number, "under_id": self.id}
        return self._add(code, {"kind": NAMED, "until": until, **values})

    @api.model
    def _add(self, code, values):
        """Make the row for the business with the tax code `code` (`kho.dl.id.number`), in one line with all others for it."""
        # Written, not only locked: who comes second begins anew, and reads what the first one did.
        self.env.cr.execute(SQL("UPDATE kho_dl_id_number SET write_date = write_date WHERE id = %s", code.id))
        # sudo: the journal is written by this code only.
        rows, kind = self.sudo(), values["kind"]
        self._check_day(kind, values["until"])
        of_business = Domain("company_id", "=", code.company_id.id) & Domain("organisation_number", "=", code.number)
        standing = rows.search(of_business & self._in_force_domain())
        same = standing.filtered(lambda mandate: mandate.person_number == values["person_number"])
        if same.filtered(lambda mandate: mandate.kind == kind or kind == NAMED):
            raise UserError(
                self.env._("This person may act for the business already. To change until when, revoke that first.")
            )
        lately = of_business & Domain("noted_on", ">", fields.Datetime.now() - _A_DAY)
        if kind == NAMED and len((standing | rows.search(lately)).filtered("under_id")) >= MOST_NAMED:
            raise UserError(
                self.env._(
                    "%(most)s people are named for this business, or were within a day. Revoke one, or come back tomorrow.",
                    most=MOST_NAMED,
                )
            )
        values = {"organisation_name": code.partner_id.name, "organisation_number": code.number, **values}
        return self._journal({"company_id": code.company_id.id, **values})

    @api.model
    def _journal(self, values):
        now = fields.Datetime.now()
        # sudo: the journal is written by this code only; nobody else has rights on scheduled actions.
        row = self.sudo().create({"noted_on": now, "closed_on": now, "user_id": self.env.uid, **values})
        self.env.ref("kho_dl.ir_cron_seal").sudo()._trigger()
        return row.sudo(self.env.su)
