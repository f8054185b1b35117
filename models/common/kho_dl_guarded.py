import math
from collections.abc import Iterable
from contextlib import suppress

from odoo import api, models
from odoo.exceptions import AccessError, MissingError, UserError
from odoo.fields import Command

# With this begin the names of our models.
OURS = "kho.dl."
# More than the largest id that PostgreSQL could hold.
_NO_ID = 10**19
_LINKS = ("many2one", "many2one_reference")


class KhoDLGuarded(models.AbstractModel):
    """A record that shows only what its reader may read (rule 11 of the house).

    Odoo reads stored computed and related fields as superuser, and the names of linked records. So whoever links a
    record, by a form, a default or a call, must be allowed to read it, before anything is shown of it.
    """

    _name = "kho.dl.guarded"
    _description = "Record that shows what its reader may read"

    # Records that only our own code makes: what somebody keeps as a default of theirs says nothing about them.
    _is_made_by_code = False
    # Few lines of one record: who reads which there are reads them next, so both is one statement.
    _is_read_whole = False

    @api.model
    @api.private
    @api.readonly
    def search_fetch(self, domain, field_names=None, offset=0, limit=None, order=None):
        if self._is_read_whole and field_names and all(self._fields[name].prefetch is True for name in field_names):
            field_names = None
        return super().search_fetch(domain, field_names, offset, limit, order)

    def export_data(self, fields_to_export):
        """Export names of linked records as lists show them; Odoo exports them to fewer: an auditor opens no case."""
        is_list = isinstance(fields_to_export, list | tuple)
        if not is_list or not all(isinstance(path, str) and self._is_exported(path) for path in fields_to_export):
            raise UserError(self.env._("There is no such field."))
        linked = [self._fields.get(name) for name in fields_to_export]
        linked = {place: field for place, field in enumerate(linked) if field and field.type == "many2one"}
        paths = [f"{name}/.id" if place in linked else name for place, name in enumerate(fields_to_export)]
        exported = super().export_data(paths)
        for place, field in linked.items():
            ids = {int(row[place]) for row in exported["datas"] if row[place]}
            # sudo: as Odoo reads them for a list.
            names = {one.id: one.display_name for one in self.env[field.comodel_name].sudo().browse(ids)}
            for row in exported["datas"]:
                row[place] = row[place] and names[int(row[place])]
        return exported

    def _is_exported(self, path):
        # `.id` is the number of the record, and a property stands behind a dot, too.
        name = path.partition("/")[0].partition(".")[0]
        return name in self._fields or path == ".id"

    @api.model
    def default_get(self, fields):
        defaults = super().default_get(fields)
        if self._is_made_by_code:
            return {
                **defaults,
                **self._own_defaults(self.env["ir.default"]._get_model_defaults(self._name).keys() & defaults),
            }
        # What a caller or a user chose; what our own code proposes needs no question.
        asked = {name: value for name, value in defaults.items() if f"default_{name}" in self.env.context}
        self._check_links([asked])
        # What somebody keeps as a default may be gone, or another's, by now: a form begins without it.
        kept = self.env["ir.default"]._get_model_defaults(self._name).keys() - asked.keys()
        return {name: value for name, value in defaults.items() if name not in kept or self._may_link(name, value)}

    @api.model
    def _own_defaults(self, names):
        """Return the defaults of these fields as the code has them, whatever people keep."""
        return {
            name: field.convert_to_write(field.convert_to_record(field.convert_to_cache(value, self), self), self)
            for name in names
            for field in [self._fields[name]]
            for value in [field.default(self) if field.default else False]
        }

    def _may_link(self, name, value):
        try:
            self._check_links([{name: value}])
        except (AccessError, MissingError):
            return False
        return True

    @api.model_create_multi
    def create(self, vals_list):
        self._check_links(vals_list)
        return super().create(vals_list)

    def write(self, vals):
        self._check_links([vals])
        result = super().write(vals)
        if any(name in self._fields and self._fields[name].type == "many2one" for name in vals):
            # Odoo looks at a record before it changes: nobody may move one to where they could not have made it.
            self.check_access("write")
        return result

    def onchange(self, values, field_names, fields_spec):
        self._check_links([values])
        return super().onchange(values, field_names, fields_spec)

    def ensure_one(self):
        check_one(self)
        return super().ensure_one()

    def _check_links(self, vals_list):
        """Refuse links to records that the user may not read.

        `vals_list` as for `create`. Raises AccessError, and MissingError for a record that does not exist.
        """
        check_links(self, vals_list)


def check_links(model, vals_list):
    """Refuse what `vals_list`, as for `create`, links of `model` and the user may not read.

    Raises AccessError, and MissingError for a record that does not exist.
    """
    if model.env.su:
        return
    links = {}
    for vals in vals_list:
        _collect_links(model, vals, links)
    for name, ids in links.items():
        check_readable(model.env[name].browse(ids))


def check_one(records):
    """Refuse all but one record in words: any program may call a public method without records. Raises UserError."""
    if len(records) != 1:
        raise UserError(records.env._("This is done for one record at a time. Open the one that you mean."))


def check_readable(records):
    """Refuse what the user may not read (AccessError), and what does not exist (MissingError)."""
    if not _do_exist(records):
        raise MissingError(records.env._("What should be linked here does not exist, or was deleted meanwhile."))
    records.check_access("read")


def _do_exist(records):
    """Return whether all of `records` exist. What this transaction has read does; the others are read now, as the rules do next."""
    if "create_date" not in records._fields:
        return records.exists() == records
    try:
        # sudo: only to see whether they are there.
        records.sudo().mapped("create_date")
    except MissingError:
        return False
    return True


def _collect_links(model, vals, links):
    """Add to `links`, {model name: {id: None}}, what `vals` of `model` links or changes, also in lines."""
    for name, value in vals.items():
        field = model._fields.get(name)
        if field is None or not field.relational:
            continue
        comodel = model.env[field.comodel_name]
        if field.type == "many2one":
            values = [value]
        else:
            value = list(value) if isinstance(value, Iterable) else ()
            if any(map(_is_without_values, value)):
                raise UserError(model.env._("What should be saved in a list here is no record. Nothing was changed."))
            values = all_linked(value)
        for one in values:
            if isinstance(one, dict):
                _collect_links(comodel, one, links)
                one = one.get("id")
            if number := as_id(one):
                links.setdefault(comodel._name, {})[number] = None


def _is_without_values(command):
    """Whether `command` makes or changes a record by what are no values: Odoo would hand it to the code of that record."""
    match command:
        case [Command.CREATE | Command.UPDATE, _, vals, *_]:
            return not isinstance(vals, dict)
    return False


def all_linked(value):
    """Yield the same as `linked` for each command of `value`; nothing of what is no list, which Odoo refuses itself."""
    for command in value if isinstance(value, Iterable) else ():
        yield from linked(command)


def linked(command):
    """Yield the ids and values that `command` of a list of records names; ids that it takes away are not among them."""
    if not isinstance(command, list | tuple):
        yield command
        return
    match [*command, None, None]:
        case [Command.CREATE, _, vals, *_]:
            yield vals
        case [Command.UPDATE, number, vals, *_]:
            yield from (number, vals)
        case [Command.LINK, number, *_]:
            yield number
        case [Command.SET, _, numbers, *_]:
            yield from numbers if isinstance(numbers, Iterable) else [numbers]


def with_ids(model, vals):
    """Return `vals` of `model` with numbers for ids that are texts.

    Odoo writes such a one as it is, and takes no record to be linked until the field is read anew.
    """
    texts = {name for name, value in vals.items() if isinstance(value, str) and name in model._fields}
    links = {name for name in texts if model._fields[name].type in _LINKS}
    return {**vals, **{name: as_id(vals[name]) for name in links}}


def as_id(value):
    """Return the id that Odoo would take `value` of a link for; None where there is none."""
    if isinstance(value, models.BaseModel):
        return value._origin.id
    if isinstance(value, list | tuple):
        return as_id(value[0]) if value else None
    if isinstance(value, str):
        return _as_number(value)
    return int(value) if isinstance(value, int | float) and math.isfinite(value) else None


def _as_number(text):
    # As PostgreSQL reads it: with blanks around it, a sign, as 0x32.
    for base in (10, 0):
        with suppress(ValueError):
            number = int(text, base)
            return number if abs(number) < _NO_ID else None
    return None
