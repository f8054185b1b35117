"""What the rows of a table say of offices, and what of it cannot be so; changes nothing."""

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass

from ..models.catalogue.catalogue_sheet import MOST_ABOVE, find_headings, folded, lost_words, tidy, unquoted
from ..models.common.mail_address import is_mail_address

COLUMNS = ("code", "name", "above", "address", "phone", "email")
_NEEDED = ("code", "name")
_CODE = re.compile(r"[\w.\-/]{1,64}")
# A mobile or a fixed line without the zero that each begins with.
_SHORT_PHONE = re.compile(r"[35789][0-9]{8}|2[0-9]{9}")
# What an encoding without Vietnamese letters leaves of them.
_LOST_LETTERS = re.compile(r"\w\?|\?\w|\ufffd")
# What people call the columns who took no template; the national portal has names of its own for two.
_ALSO = {
    "madonvi": "code",
    "mã đơn vị": "code",
    "tendonvi": "name",
    "tên đơn vị": "name",
    "mã đơn vị cấp trên": "above",
    "địa chỉ": "address",
    "điện thoại": "phone",
    "số điện thoại": "phone",
    "e-mail": "email",
    "thư điện tử": "email",
}


@dataclass
class Office:
    """A row of the table: an office, and the company that it is where it is known (`record`)."""

    row: int
    code: str
    name: str = ""
    above: str = ""
    address: str = ""
    phone: str = ""
    email: str = ""
    record: object = None

    @property
    def key(self):
        return folded(self.code)


def column_words(env):
    """Return {column: heading} in the language of `env`."""
    return {
        "code": env._("Unit code"),
        "name": env._("Name of the office"),
        "above": env._("Unit code of the office above"),
        "address": env._("Address"),
        "phone": env._("Phone"),
        "email": env._("Email"),
    }


def _known_headings(env):
    """Return {what a heading may be: column}, in English, Vietnamese, and every installed language."""
    found = {name: name for name in COLUMNS} | _ALSO
    for code in ("en_US", *(code for code, _name in env["res.lang"].get_installed())):
        words = column_words(env(context={**env.context, "lang": code}))
        found.update({folded(heading): name for name, heading in words.items()})
    return found


def read_offices(env, table):
    """Return ([Office], faults in words) of `table`, [(row, cells)]."""
    words = column_words(env)
    start, places = find_headings(table, _known_headings(env), _NEEDED)
    if lacking := [name for name in _NEEDED if name not in places]:
        if lost := next((cell for _row, cells in table[:MOST_ABOVE] for cell in cells if _has_lost(cell)), None):
            return [], [lost_words(env, lost)]
        return [], [
            env._("The column “%s” is missing. Take the template, and fill that in.", words[name]) for name in lacking
        ]
    offices = []
    for number, cells in table[start + 1 :]:
        values = {name: _read(cells[place]) if place < len(cells) else "" for name, place in places.items()}
        if any(values.values()):
            offices.append(Office(number, **values))
            # A spreadsheet took it for a number.
            if _SHORT_PHONE.fullmatch(offices[-1].phone):
                offices[-1].phone = f"0{offices[-1].phone}"
    return offices, [] if offices else [env._("The table has headings only, and no row below them.")]


def _has_lost(cell):
    return bool(_LOST_LETTERS.search(str(cell or "")))


def _read(cell):
    # A name whose marks stand apart is the same name.
    return unicodedata.normalize("NFC", tidy(unquoted(cell)))


def faults_of(env, offices, known, names):
    """Return in words what is wrong with `offices`.

    `known` are the companies of the tree, {folded code: company}; `names` {name: company} those that are taken.
    """
    words, faults = column_words(env), []
    rows, name_rows, whole = {}, {}, _by_digits([*known, *(office.key for office in offices)])
    for office in offices:
        for column, fault in _faults_of(env, office, known, names, rows, name_rows, whole):
            faults.append(
                env._("Row %(row)s, “%(column)s”: %(fault)s", row=office.row, column=words[column], fault=fault)
            )
        rows.setdefault(office.key, office)
        name_rows.setdefault(office.name, office.row)
    for office in offices:
        if fault := _fault_above(env, office, known, rows, whole):
            faults.append(
                env._("Row %(row)s, “%(column)s”: %(fault)s", row=office.row, column=words["above"], fault=fault)
            )
    return faults


def _by_digits(codes):
    """Return {code without zeros in front: the longest code} of those of the folded `codes` that are digits."""
    found = {}
    for code in codes:
        if code.isdigit():
            short = code.lstrip("0")
            found[short] = max(found.get(short, ""), code, key=len)
    return found


def short_codes(offices):
    """Return those of the new `offices` codes that are digits and shorter than most others: zeros in front may be lost."""
    codes = [office.code for office in offices if office.code.isdigit() and not office.record]
    usual = Counter(map(len, codes)).most_common(1)
    # One length for few codes tells nothing.
    if not usual or usual[0][1] < max(5, 0.8 * len(codes)):
        return []
    return [code for code in codes if len(code) < usual[0][0]]


def _whole_code(code, whole):
    """Return the code that the folded `code` was before a spreadsheet took the zeros in front away; None if it is whole."""
    longest = whole.get(code.lstrip("0"), code) if code.isdigit() else code
    return longest if longest != code else None


def _faults_of(env, office, known, names, rows, name_rows, whole):
    """Yield (column, fault) of what can be seen of `office` by itself and the rows before it."""
    if not office.code:
        yield "code", env._("it is missing.")
    elif not _CODE.fullmatch(office.code):
        yield "code", env._("“%s” is no unit code: letters, digits and points only.", office.code)
    elif office.key in rows:
        yield "code", env._("%(code)s stands in row %(row)s already.", code=office.code, row=rows[office.key].row)
    elif not office.record and (code := _whole_code(office.key, whole)):
        yield "code", env._("zeros in front are lost: %s. Give the cells of the codes the format Text.", code)
    if not office.name:
        if not office.record:
            yield "name", env._("it is missing.")
    elif _has_lost(office.name):
        yield "name", lost_words(env, office.name)
    elif office.name in name_rows:
        yield "name", env._("“%(name)s” stands in row %(row)s already.", name=office.name, row=name_rows[office.name])
    elif (taken := names.get(office.name)) and taken != office.record:
        yield "name", env._("another company is called “%s”. Add where it is.", office.name)
    if office.email and not is_mail_address(office.email):
        yield "email", env._("“%s” is no mail address.", office.email)


def _fault_above(env, office, known, rows, whole):
    """Return what is wrong with the office above `office`, or None."""
    key = folded(office.above)
    if not key:
        return None
    above = known.get(key)
    if key not in rows and not above:
        if code := _whole_code(key, whole):
            return env._("zeros in front are lost: %s. Give the cells of the codes the format Text.", code)
        return env._("no office has the code %s, neither here nor in the table.", office.above)
    if office.record:
        if office.record.parent_id != above or not above:
            return env._("%(name)s belongs elsewhere, and Odoo cannot move a company.", name=office.record.name)
        return None
    if key not in rows and not above.active:
        return env._("%s is archived.", above.name)
    seen = {office.key}
    while key in rows and not rows[key].record:
        if key in seen:
            return env._("the offices stand above one another.")
        seen.add(key)
        key = folded(rows[key].above)
    return None
