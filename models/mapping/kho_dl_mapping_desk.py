from odoo import api, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain

from ..common.text import plain

_PAGE = 40
# The largest id that a table holds.
_LARGEST = 2**31 - 1
_MOST_AT_ONCE = 10_000
_ORDER = "is_mapping_skipped, waiting_count desc, id"


class KhoDLProcedureDocument(models.Model):
    """The desk at which an administrator maps one document after the other (`static/src/mapping/`).

    Public methods need no browser: ask `mapping_worklist()`, then decide.
    """

    _inherit = "kho.dl.procedure.document"

    @api.model
    def mapping_worklist(self, filters=None, limit=_PAGE):
        """Return {"open", "mapped", "not_reusable": counts, "documents": [what the desk shows of each]}.

        The most wanted first; `filters` may hold "sector_id", "agency_id", "text". "of_others" counts the open ones that
        somebody else maps.
        """
        self.check_access("write")
        seen = self._filter_domain(filters or {})
        chosen = seen & self._mine_domain()
        counts = dict(self._read_group(chosen & self._procedure_domain(), ["mapping_state"], ["__count"]))
        documents = self.search(chosen & self._open_domain(), order=_ORDER, limit=self._page(limit))
        namesakes = self._count_namesakes(documents)
        return {
            "open": counts.get("open", 0),
            "mapped": counts.get("mapped", 0),
            "not_reusable": counts.get("not_reusable", 0),
            "waiting_for_candidates": self.search_count(
                chosen & self._open_domain() & Domain("candidates_on", "=", False), limit=1
            ),
            "of_others": self.search_count(seen & self._open_domain() & ~self._mine_domain()),
            "documents": [
                {**document._on_the_desk(), "namesakes": namesakes[document.name] - 1} for document in documents
            ],
        }

    @api.model
    def _mine_domain(self):
        """Return the domain of the documents that the current user maps: those of all companies are not everybody's."""
        return Domain(self.env["ir.rule"]._compute_domain(self._name, "write"))

    @api.model
    def _count_namesakes(self, documents):
        named = Domain("name", "in", documents.mapped("name")) & self._mine_domain()
        return dict(self._read_group(named & self._open_domain(), ["name"], ["__count"]))

    @api.model
    def _number(self, value):
        """Return `value` where it is a number, as a program may send anything. Raises UserError."""
        if not isinstance(value, int | float) or not abs(value) <= _LARGEST:
            raise UserError(self.env._("“%s” is no number that could be meant here.", value))
        return value

    @api.model
    def _page(self, limit):
        return max(1, min(int(self._number(limit)), _PAGE))

    @api.model
    def _filter_domain(self, filters):
        domain = Domain.TRUE
        if not isinstance(filters, dict):
            raise UserError(self.env._("“%s” is no filter.", filters))
        if filters.get("sector_id"):
            domain &= Domain("sector_id", "=", int(self._number(filters["sector_id"])))
        if filters.get("agency_id"):
            domain &= Domain("procedure_id.agency_ids", "in", [int(self._number(filters["agency_id"]))])
        if text := str(filters.get("text") or "").replace("\x00", ""):
            words, code = plain(text), text.strip()
            domain &= Domain.OR(
                [
                    Domain("search_name", "ilike", words),
                    Domain("procedure_id.search_name", "ilike", words),
                    Domain("procedure_id.code", "ilike", code),
                ]
            )
        return domain

    def _on_the_desk(self):
        return {
            "id": self.id,
            "name": self.name,
            "procedure": self.procedure_id.display_name,
            "sector": self.sector_id.name or "",
            "waiting": self.waiting_count,
            "skipped": self.is_mapping_skipped,
            "is_looked_for": bool(self.candidates_on),
            "candidates": [
                {
                    "code_id": candidate.result_code_id.id,
                    "code": candidate.result_code_id.code,
                    "name": candidate.result_code_id.name,
                    "score": round(candidate.score),
                    "why": candidate.reason_text,
                }
                for candidate in self._usable_candidates()
            ],
        }

    def _usable_candidates(self):
        """Return the candidates, best first, without results that were archived since."""
        return self.candidate_ids.filtered("result_code_id.active").sorted("score", reverse=True)

    def mapping_accept(self, code_ids, with_namesakes=False):
        """Map these documents to the results `code_ids`, and all others of their names where it is wished.

        Returns how many. Raises UserError when somebody decided meanwhile.
        """
        codes = self.env["kho.dl.result.code"]._chosen(code_ids).filtered("active")
        if not codes:
            raise UserError(self.env._("Choose the result first."))
        scores = {
            candidate.document_id: candidate.score
            for candidate in self.candidate_ids
            if candidate.result_code_id in codes
        }
        documents = self | self._namesakes() if with_namesakes else self
        return self._decided("accept", {document: (codes, scores.get(document, 0)) for document in documents})

    def mapping_not_reusable(self, with_namesakes=False):
        """Say that no result is these documents, such as application forms, nor the others of their names."""
        documents = self | self._namesakes() if with_namesakes else self
        return self._decided("not_reusable", dict.fromkeys(documents, (self.env["kho.dl.result.code"], 0)))

    def _namesakes(self):
        """Return the other open documents of these names: what one is, all of them are."""
        named = Domain("name", "in", self.mapped("name")) & Domain("id", "not in", self.ids)
        return self.search(named & self._open_domain() & self._mine_domain(), limit=_MOST_AT_ONCE)

    def mapping_skip(self):
        """Put these documents at the end of the worklist."""
        return self._decided("skip", dict.fromkeys(self, (self.env["kho.dl.result.code"], 0)))

    def _decided(self, kind, choices):
        self.browse().check_access("write")
        others = self._filtered_access("read") - self._filtered_access("write")
        if others.company_id:
            raise AccessError(
                self.env._(
                    "This document belongs to a procedure of %(company)s. Nothing was changed. An administrator who "
                    "works there decides about it.",
                    # sudo: the name of the company above is known to whoever works in its branch.
                    company=others.sudo().company_id[0].name,
                )
            )
        if others:
            raise AccessError(
                self.env._(
                    "This document belongs to a procedure of all companies. Nothing was changed. A system administrator "
                    "decides about it."
                )
            )
        self.check_access("write")
        decisions = self.env["kho.dl.mapping.decision"]._decide(choices, kind)
        if not decisions:
            raise UserError(self.env._("Somebody has decided about this document meanwhile. The list is read again."))
        return len(decisions)

    @api.model
    def mapping_accept_above(self, score, filters=None, is_trial=False):
        """Map all open documents whose best candidate has at least `score`; return how many.

        Left are those where two candidates are equally good, where a clerk proposed anything, and where candidates
        are to be looked for anew. `is_trial` only counts.
        """
        self.check_access("write")
        score = self._number(score)
        chosen = self._filter_domain(filters or {}) & self._open_domain() & Domain("candidates_on", "!=", False)
        chosen &= self._mine_domain()
        documents = self.search(chosen & Domain("candidate_ids.score", ">=", score), order=_ORDER, limit=_MOST_AT_ONCE)
        documents -= self.env["kho.dl.mapping.proposal"].search([("document_id", "in", documents.ids)]).document_id
        elsewhere = documents._mapped_elsewhere() if documents else {}
        choices = {}
        for document in documents:
            best = document._clear_best()
            code = best.result_code_id
            # Others of this name may be mapped otherwise by now.
            is_over = best._is_because("elsewhere") and code.id not in elsewhere[document]
            if best and best.score >= score and not is_over:
                choices[document] = (code, best.score)
        if not is_trial and choices:
            self.env["kho.dl.mapping.decision"]._decide(choices, "accept")
        return len(choices)

    def _clear_best(self):
        """Return the candidate that is better than all others, or none."""
        best, other = (*self._usable_candidates()[:2], None, None)[:2]
        is_clear = best and (not other or other.score < best.score)
        return best if is_clear else self.candidate_ids.browse()

    @api.model
    def mapping_undo(self):
        """Take back what the current user decided last, one press as a whole; return how many documents."""
        undone = self.env["kho.dl.mapping.decision"]._undo_last()
        if undone:
            # sudo: counted by this code only. They are to be mapped again, and stand where they stood in the list.
            self.sudo()._count_waiting()
        return len(undone)
