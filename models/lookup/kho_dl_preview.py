import io
from datetime import timedelta
from functools import partial

from psycopg2.errors import UniqueViolation

from odoo import fields, models
from odoo.exceptions import MissingError
from odoo.fields import Domain
from odoo.tools.translate import LazyTranslate

from ...protocol.download import Download
from ...protocol.filenames import JPEG, PDF, PNG, TIFF
from ...sealing.faults import EncryptedScan, SealingError, WorkshopBroken, WorkshopBusy
from ...sealing.workshop import page_picture
from ..common.transactions import LOST_RACES, commit_or_retry
from ..common.uploads import content_of
from ..gate.child_python import child_python
from ..gate.file_gate import CLEAN, INCOMPLETE

_lt = LazyTranslate(__name__)

_WORD = _lt("Preview")
# So many pages of a file are shown: who wants to read all of it chooses it.
MOST_PAGES = 10
# Whoever opens the page again so soon looks on.
_ONE_LOOK_SECONDS = 600
SHOWN_KINDS = (PDF, JPEG, PNG, TIFF)
# Why there are no pictures of a file.
KIND, LOCKED, DAMAGED, DOUBTFUL, LATER = "kind", "locked", "damaged", "doubtful", "later"


class KhoDLPreview(models.Model):
    """A file of an offered paper that somebody looked at before choosing it; it goes as the offer goes.

    What was fetched for it stays with it until then, so that choosing the paper fetches nothing again. What people see are
    pictures of its pages, made where they are asked for and kept nowhere.
    """

    _name = "kho.dl.preview"
    _description = "Preview of a file"
    _inherit = ["kho.dl.file.findings"]
    _is_made_by_code = True
    _order = "candidate_id, position, id"

    candidate_id = fields.Many2one("kho.dl.lookup.candidate", required=True, readonly=True, ondelete="cascade")
    position = fields.Integer(required=True, readonly=True)
    name = fields.Char("File", required=True, readonly=True)
    mimetype = fields.Char(readonly=True)
    size = fields.Integer("Size (bytes)", readonly=True)
    sha256 = fields.Char("SHA-256", readonly=True)
    paper_names = fields.Char("Also names", readonly=True)
    page_count = fields.Integer("Pages", readonly=True)
    problem = fields.Selection(
        [
            (KIND, "Not a kind with pages"),
            (LOCKED, "Wants a password"),
            (DAMAGED, "Cannot be shown"),
            (DOUBTFUL, "Somebody has to look into it first"),
            (LATER, "No picture can be made at the moment"),
        ],
        "Why there is no picture",
        readonly=True,
    )
    # Of our own store: there is one. Of the national store: the content, in the row, so that it is gone with the row.
    attachment_id = fields.Many2one("ir.attachment", readonly=True, ondelete="cascade", index="btree_not_null")
    link_key = fields.Char(readonly=True)
    content = fields.Binary(attachment=False, readonly=True, prefetch=False, groups=fields.NO_ACCESS)

    _once = models.UniqueIndex("(candidate_id, position)", "This file is being looked at already.")

    def _bytes(self):
        # A browser may ask for sizes in place of contents. sudo: nobody reads it but this code.
        row = self.sudo().with_context(bin_size=False)
        return (row.attachment_id.raw or b"") if row.attachment_id else content_of(row.content)

    def _download(self):
        """Return the kept file as a `Download`."""
        return Download(io.BytesIO(self._bytes()), self.size, self.sha256, self.mimetype, self.name)

    @property
    def shown_pages(self):
        """The numbers of the pages that are shown, from 1."""
        return range(1, min(self.page_count, MOST_PAGES) + 1)

    def _may_be_downloaded(self):
        """Whether the file itself may be given to somebody who has not chosen it: nothing was found in it, by the scanner too."""
        return self.problem == KIND and self.scan_state == CLEAN and not self.gate_marks and not self._objections()

    def _picture(self, page):
        """Return the JPEG of page no. `page`, from 1; None where there is none to show. Commits before it is made.

        Raises `SealingError` where it cannot be made now.
        """
        return None if self.problem else self._picture_despite_doubt(page)

    def _picture_despite_doubt(self, page):
        """Do as `_picture`, also of a file that somebody has to look into first."""
        if page not in self.shown_pages:
            return None
        content, word, python = self._bytes(), self.env._(_WORD), child_python(self.env)
        self.env.cr.commit()  # pylint: disable=invalid-commit
        return page_picture(content, page, word, python=python).content


class KhoDLLookupCandidate(models.Model):
    """A paper is looked at before it is chosen."""

    _inherit = "kho.dl.lookup.candidate"

    previewed_on = fields.Datetime("Looked at on", readonly=True)
    preview_ids = fields.One2many("kho.dl.preview", "candidate_id", readonly=True, groups=fields.NO_ACCESS)

    def _preview(self, seconds):
        """Return (the `kho.dl.preview` of the files of this paper, as superuser, [`KhoDLError` of those that did not come]).

        Fetches what is not here for about `seconds`, commits, and writes in the journal who looks. Raises AccessError and
        UserError where this paper may not be looked at (any more), as when it is attached.
        """
        self.ensure_one()
        self.lookup_id._check_case()
        self._check_current()
        try:
            # sudo: previews are made by this code only, for whoever may look.
            return self.sudo()._look_at_files(seconds)
        except MissingError as error:
            # The consent was withdrawn, or the case changed, while others were waited for.
            raise self.env["kho.dl.lookup"]._no_longer_offered() from error

    def _look_at_files(self, seconds):
        case, arrivals, errors = self.case_document_id.case_id, [], []
        if self.source == "national":
            arrivals, errors = self._fetch_for_preview(seconds)
        elif not self.preview_ids:
            arrivals = self._own_arrivals()
        python = child_python(self.env)
        # Pictures take their time, and nobody waits for our locks meanwhile.
        self.env.cr.commit()  # pylint: disable=invalid-commit
        values = [{**vals, **_looked_at(vals["name"], arrival, python)} for vals, arrival in arrivals]
        commit_or_retry(self.env, partial(self._keep_previews, case, values), (*LOST_RACES, UniqueViolation))
        return self.preview_ids, errors

    def _own_arrivals(self):
        """Return [(values of `kho.dl.preview`, `Arrival`)] of the files of a paper of our own."""
        document, origin = self.case_document_id, self._own_record()
        paper = next(paper for paper in document._own_papers()[document] if paper.origin == origin)
        return [
            ({"position": position, "name": file.name, "attachment_id": file.id}, arrival)
            for position, (file, arrival) in enumerate(zip(paper.files, document._look_at_own(paper), strict=True))
        ]

    def _keep_previews(self, case, values):
        """Keep `values` of `kho.dl.preview` and write in the journal who looks at them."""
        # A consent that is withdrawn at this moment waits, or was first: then nothing is kept or shown.
        case._hold_still()
        if not self.exists():
            raise self.env["kho.dl.lookup"]._no_longer_offered()
        # Nor to who may no longer act for the applicant.
        self.lookup_id._check_asker("write")
        known = set(self.preview_ids.mapped("position"))
        self.env["kho.dl.preview"].create(
            [{"candidate_id": self.id, **vals} for vals in values if vals["position"] not in known]
        )
        self.previewed_on = fields.Datetime.now()
        self._note_look(case, self.preview_ids)

    def _note_look(self, case, files):
        """Write in the journal that the user looks at `files` of this paper; a page that is opened again is the same look."""
        # Where it is done: who works there is watched there.
        looks, office = self.env["kho.dl.disclosure"], case._office()
        sha256 = "\n".join(files.mapped("sha256"))
        same = Domain("kind", "=", "previewed") & Domain("user_id", "=", self.env.uid)
        # Two offices may have cases of one number, and a case may have got another applicant.
        same &= Domain("case_name", "=", case.name) & Domain("company_id", "=", office.id)
        same &= Domain("owner_id_number", "=", case.owner_id_number) & Domain("sha256", "=", sha256)
        since = fields.Datetime.now() - timedelta(seconds=_ONE_LOOK_SECONDS)
        if looks.search_count(same & Domain("looked_on", ">", since), limit=1):
            return
        looks._note(
            "previewed",
            [case.owner_id_number],
            office,
            False,
            len(files),
            case_name=case.name,
            paper=" – ".join(filter(None, (self.document_name, self.name, self.number, self.agency))),
            sha256=sha256,
        )


class KhoDLRetrieval(models.Model):
    _inherit = "kho.dl.retrieval"

    def _kept_download(self):
        previews = self.candidate_ids.preview_ids
        kept = previews.filtered(lambda preview: preview.link_key and preview.link_key == self.link_key)[:1]
        return kept._download() if kept else super()._kept_download()


def _looked_at(name, arrival, python):
    """Return values of `kho.dl.preview` that tell what is in `arrival`; no record is touched."""
    received, findings = arrival.download, arrival.findings
    values = {
        **findings.as_values(),
        **findings.names_as_values(),
        "mimetype": received.mimetype,
        "size": received.size,
        "sha256": received.sha256,
        **_pages_of(received, python),
    }
    # Nothing was lost on the way of a paper of our own, and who sees that part is missing knows it.
    if "page_count" in values and set(findings.objections) - {INCOMPLETE}:
        values["problem"] = DOUBTFUL
    return values


def _pages_of(received, python):
    """Return `page_count`, or the `problem` because of which it has no pages to show."""
    if received.mimetype not in SHOWN_KINDS:
        return {"problem": KIND}
    received.file.seek(0)
    return pages_of(received.file.read(), python)


def pages_of(content, python):
    """Return {"page_count"}, or the {"problem"} because of which there are no pictures of the pages of `content`."""
    try:
        return {"page_count": page_picture(content, 1, " ", python=python).page_count}
    except EncryptedScan:
        return {"problem": LOCKED}
    except (WorkshopBroken, WorkshopBusy):
        # No fault of the paper, which need not be fetched again.
        return {"problem": LATER}
    except SealingError:
        return {"problem": DAMAGED}
