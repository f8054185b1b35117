from markupsafe import Markup

from odoo import api, models
from odoo.fields import Domain
from odoo.tools import format_datetime

from ..common.chatter import bullet_list


def _as_laid_out(row):
    document = row.case_document_id
    paper = row.agency_code or "", row.paper_name or "", row.paper_number or ""
    return document.sequence, document.id, row.query_id.id, paper, row.place, row.id


class KhoDLRetrieval(models.Model):
    """The rows in words: what arrived, what did not, what is still waited for."""

    _inherit = "kho.dl.retrieval"

    def _summary(self):
        """Return these closed rows of one case as markup for its chatter, in the language of the clerk."""
        rows = self._in_language_of_user()
        # The front of a card before its back, whichever came first.
        done = rows.filtered(lambda row: row.state == "done").sorted(_as_laid_out)
        failed = rows - done
        parts = []
        if done:
            lines = [row._line_attached() for row in done]
            parts.append(bullet_list(rows.env._("Attached from the national store:"), lines))
        if failed:
            parts.append(
                bullet_list(rows.env._("Could not be attached:"), [f"{row._line()} – {row.error}" for row in failed])
            )
        return Markup().join(parts)

    def _waiting_words(self, spared):
        """Return for a clerk, each once, why those of these rows that wait have not arrived at the first try.

        `spared` are the `kho.dl.breaker` that are open.
        """
        waiting = self.filtered(lambda row: row.state == "pending")
        return list(dict.fromkeys(words for row in waiting if (words := row._why_it_waits(spared))))

    def _why_it_waits(self, spared):
        if holding := spared._holding(self):
            return self.env._(
                "%(agency)s does not answer at the moment. The file comes by itself when it answers.",
                agency=holding[0].lane_name,
            )
        if not (self.error and self.next_try_on):
            return False
        return self.env._(
            "%(reason)s It is tried again by itself, next at %(time)s.",
            reason=self.error,
            time=format_datetime(self.env, self.next_try_on, dt_format="HH:mm"),
        )

    @api.model
    def _unreachable_words(self, cases):
        """Return {case: lines} for those of `cases` whose files wait for an agency that cannot be reached."""
        # sudo: that files wait, and for whom, is a fact about the case.
        breakers = self.env["kho.dl.breaker"]._open()
        if not breakers:
            return {}
        waiting = self.sudo().search(Domain("case_id", "in", cases.ids) & self._waiting_domain())
        return {
            case: "\n".join(own._in_words(case._office()))
            for case, rows in waiting.grouped("case_id").items()
            if (own := breakers._holding(rows))
        }

    def _line(self):
        return f"{self.case_document_id.name}: {self.file_name} ({self.agency_name or self.agency_code or '?'})"

    def _line_attached(self):
        """Return the line of a file that is on the case, with what was found out about it."""
        signature = dict(self._fields["signature_state"]._description_selection(self.env)).get(self.signature_state)
        parts = [
            f"{self.case_document_id.name}: {self.attachment_id.name or self.file_name}",
            signature,
            *self.mark_words.splitlines(),
        ]
        if self.gate_reason and self.gate_accepted == self.sha256:
            parts.append(self.env._("attached all the same because: %s", self.gate_reason))
        return " – ".join(filter(None, parts))

    def _in_language_of_user(self):
        return self.with_context(lang=self[:1].user_id.lang)
