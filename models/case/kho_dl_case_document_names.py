from odoo import api, models

from ...protocol.readable_names import (
    BACK,
    FRONT,
    numbered_name,
    readable_name,
    side_of,
    sides_and_places,
    without_side,
)


class KhoDLCaseDocument(models.Model):
    """Files on a case have names that people read, and stand in their order: the front of a card before its back."""

    _inherit = "kho.dl.case.document"

    def _name_of_file(self, paper, agency, received, side, place, env, taken):
        """Return the name of a file of `paper`, issued by `agency`, and add it to `taken`, the names that others have.

        `received` has the `name` by which it came and its `mimetype`, `env` the language; `place` counts from 0.
        """
        words = {FRONT: env._("front"), BACK: env._("back")}
        suffix = f" – {words[side]}" if side else f" ({place + 1})" if place else ""
        name = readable_name(paper or self.name, agency or "", received.mimetype, received.name, suffix)
        number, wanted = 1, name
        while name in taken:
            number += 1
            name = numbered_name(wanted, number)
        taken.add(name)
        return name

    @api.model
    def _in_order(self, files):
        """Return `files` of one paper in their order: by their sides where their names tell, else as they came."""
        files = files.sorted("id")
        places = [place for _side, place in sides_and_places(files.mapped("name"))]
        return files.browse(file.id for _place, file in sorted(zip(places, files, strict=True)))

    def _ordered_files(self):
        """Return the files of this document as a person lays them out, whatever came first."""
        self.ensure_one()
        # sudo: where a file came from is a fact about it, whoever fetched it.
        rows = {row.attachment_id.id: row for row in self.sudo().retrieval_ids if row.attachment_id}
        first, places = {}, {}
        for file in self.attachment_ids.sorted("id"):
            row = rows.get(file.id)
            if row:
                paper, place = (row.query_id.id, row.agency_code, row.paper_name, row.paper_number), row.place
            else:
                side = side_of(file.name)
                paper, place = (without_side(file.name) if side else file.id), [FRONT, BACK, ""].index(side)
            places[file] = (first.setdefault(paper, file.id), place, file.id)
        return self.attachment_ids.browse(file.id for file in sorted(places, key=places.get))
