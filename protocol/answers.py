"""What the portal's JSON answers have in common: keys in any letter case, error codes in several spellings."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field

from .decoding import AROUND, parsed, read_json
from .errors import AnswerNotUnderstood, PortalRejected

_MOST_MESSAGE = 500
_MOST_CODE = 50
_MOST_BITS = 512  # of a number: nobody means a longer one, and printing it may be refused
_SUCCESS = re.compile(r"[+-]?0+(\.0*)?")
# What a serialiser writes where it has nothing.
_NOTHING = frozenset({"null", "undefined", "none"})
_MESSAGE_KEYS = ("message", "errormessage", "errordescription", "errormsg", "msg", "error")
# Of gateways and frameworks, where the portal itself was not reached; elsewhere they are data.
_REFUSAL_KEYS = (*_MESSAGE_KEYS, "detail", "title", "description", "exceptionmessage")
_ABOUT_TOKEN = re.compile(r"token|session|\bjwt\b|\bphien\b(?! ban)")
_TOKEN_IS_BAD = re.compile(
    r"expire|invalid|not valid|unauthori[sz]ed|not found|not exist|revoked|required|incorrect|wrong"
    r"|het han|khong hop le|khong ton tai|khong dung|het hieu luc|sai\b|chua dang nhap"
)
_LOG_IN_AGAIN = re.compile(r"unauthori[sz]ed|dang nhap lai|chua dang nhap|not logged in|log ?in again")
# By what it is told whether something went well, or did not.
_WENT_WELL = ("success", "issuccess", "issuccessful", "succeeded", "issucceeded", "ok")
_WENT_WRONG = ("error", "iserror", "haserror")
# How else an answer says how it went, beside an error code.
SIGNS = (*_WENT_WELL, "status", "statuscode", "code")
# What may stand beside a message that is the answer.
_SAYS_NOTHING = {"message", "errorcode", "result", "data", *_WENT_WRONG[1:], *SIGNS}
_BRINGS = ("result", "data")
_IS_ANSWER = {"errorcode", *_BRINGS}
_MOST_LEVELS = 3
_UNAUTHORISED = "401"
# In which words they say no, and yes.
_NO = re.compile(r"false|fail(ed|ure)?|error|-\d+|[45]\d\d", re.IGNORECASE)
_STATUS = re.compile(r"[45]\d\d", re.ASCII)
_YES = re.compile(r"true|ok|success(ful)?|200", re.IGNORECASE)
_TRUE, _FALSE = re.compile(r"true|t|yes|y|co|0*1"), re.compile(r"false|f|no|n|khong|0+")


@dataclass(frozen=True, slots=True)
class Refusal:
    """What the portal says when it says no; `code` may be empty where only the HTTP status says so.

    `is_coded`: its error code says so, and no other sign.
    """

    code: str
    message: str
    is_coded: bool = field(default=True, compare=False)

    def blames_token(self) -> bool:
        """Tell whether the portal refuses the token or session and not the question (wire §1)."""
        words = without_marks(f"{self.code} {self.message}".replace("_", " "))
        is_about_token = _ABOUT_TOKEN.search(words) and _TOKEN_IS_BAD.search(words)
        return bool(self.code == _UNAUTHORISED or is_about_token or _LOG_IN_AGAIN.search(words))

    def as_error(self) -> PortalRejected:
        """Return it as the error that callers see: one that says no by a status of HTTP is as that status would be."""
        is_status = not self.is_coded and _STATUS.fullmatch(self.code)
        return PortalRejected(self.code, self.message, status=int(self.code) if is_status else 200)


def decode_json(body: bytes) -> object:
    """Return what `body` holds, as `read_json` does, out of what was put around it.

    That is a JSON string, the `message` of an object where a proxy put it (wire "Forwarding"), or an object of .NET with a `d`.
    """
    return _unwrapped(read_json(body))


def _unwrapped(answer: object) -> object:
    answer = opened(answer)
    if isinstance(answer, Mapping) and answer.keys() == {"d"}:
        answer = opened(answer["d"])
    if not isinstance(answer, Mapping):
        return answer
    folded = fold(answer)
    around = {key: value for key, value in folded.items() if key not in _BRINGS}
    if folded.keys() <= _SAYS_NOTHING and not refusal_of(around):
        brought = _brought(folded)
        inner = opened(brought)
        if isinstance(brought, str) and isinstance(inner, Mapping) and fold(inner).keys() & _IS_ANSWER:
            return inner
        said = opened(folded.get("message"))
        if said and isinstance(said, Mapping | list) and not inner:
            return said
    return answer


def opened_within(answer: object) -> object:
    """Return `answer` with what its `result` and `data` hold as texts of JSON in place of those texts."""
    if not isinstance(answer, Mapping):
        return answer
    return {key: opened(value) if key.strip().lower() in _BRINGS else value for key, value in answer.items()}


def opened(value: object) -> object:
    """Return what `value` holds where it is the text of an object or a list in JSON; else `value`."""
    words = value.strip(AROUND) if isinstance(value, str) else ""
    if not words.startswith(("{", "[")):
        return value
    try:
        return parsed(words)
    except (ValueError, RecursionError):
        return value


def fold(row: Mapping[str, object]) -> dict[str, object]:
    """Return `row` with keys in lower case and without "_", and None for the word null.

    Where two keys become one, the first that holds something wins.
    """
    folded: dict[str, object] = {}
    for key, value in row.items():
        name = key.strip().replace("_", "").lower()
        if folded.get(name) is None:
            # As a code of an error even the word is one: somebody's script broke.
            folded[name] = None if name != "errorcode" and is_nothing(value) else value
    return folded


def is_nothing(value: object) -> bool:
    """Tell whether `value` is None, or the word that some write for it."""
    return value is None or (isinstance(value, str) and len(value) < _MOST_CODE and value.strip().lower() in _NOTHING)


def text(value: object, limit: int = 300) -> str:
    """Return a string or number from outside as clean text of at most `limit` characters, else ""."""
    if isinstance(value, bool):
        return ""
    if isinstance(value, str):
        raw = value[: limit * 4]
    elif isinstance(value, float):
        raw = f"{value:.15g}"
    elif isinstance(value, int) and value.bit_length() < _MOST_BITS:
        raw = str(value)
    else:
        return ""
    if not raw.isprintable():
        raw = "".join(map(_printable, raw))
    return unicodedata.normalize("NFC", raw).strip()[:limit]


def rows(value: object, most: int) -> tuple[list[dict[str, object]], int]:
    """Return (the folded rows of a list from outside, how many were skipped).

    At most `most` rows are looked at; one row without its list counts as a list of one, a text of JSON as what it holds.
    Raises AnswerNotUnderstood for anything else; nothing at all is an empty list, and so is an object with nothing in it.
    """
    value = opened(value)
    if is_nothing(value) or value in ("", {}):
        return [], 0
    if isinstance(value, Mapping):
        value = [value]
    if not isinstance(value, list):
        raise AnswerNotUnderstood(f"a list was expected, not {type(value).__name__}")
    found = [fold(row) for row in value[:most] if isinstance(row, Mapping)]
    return found, len(value) - len(found)


def listed(answer: object) -> object:
    """Return what `answer` holds under `result` or `data`, also one within the other, None where there is nothing.

    A bare list is itself.
    """
    return layers_of(answer)[1]


def brings_rows(found: object) -> bool:
    """Tell whether what `listed` found is, or has in it, a list that holds something."""
    within = found.values() if isinstance(found, Mapping) else [found]
    return any(bool(rows) and isinstance(rows, list) for rows in map(opened, within))


def layers_of(answer: object) -> tuple[list[dict[str, object]], object]:
    """Return what is said around that which `answer` brings, folded, the outermost first, and what it brings."""
    layers: list[dict[str, object]] = []
    while isinstance(answer, Mapping) and len(layers) < _MOST_LEVELS:
        folded = fold(answer)
        if layers and not folded.keys() <= _SAYS_NOTHING:
            break
        layers.append(folded)
        answer = opened(_brought(folded))
    return layers, answer


def _brought(folded: Mapping[str, object]) -> object:
    return next((folded[key] for key in _BRINGS if folded.get(key)), None)


def refusal_of(answer: object) -> Refusal | None:
    """Return the error that `answer` reports; None for success: 0, "0", "00", 0.0, "", null and absent.

    Where no error code says anything of a part of it, and no rows came, other signs of failure are looked for there.
    """
    layers, brought = layers_of(answer)
    if isinstance(brought, Mapping) and "errorcode" in fold(brought):
        layers.append(fold(brought))
    unsaid = layers
    for place, folded in enumerate(layers, 1):
        value = folded.get("errorcode")
        code = text(value, _MOST_CODE)
        if value is None or value is False or (isinstance(value, str) and not code):
            continue
        if not _SUCCESS.fullmatch(code):
            return Refusal(code or "?", words_of(folded))
        unsaid = layers[place:]
    refusal = next(filter(None, map(_unsaid_refusal, unsaid)), None)
    return None if brings_rows(brought) else refusal


def _unsaid_refusal(folded: Mapping[str, object]) -> Refusal | None:
    message, error = words_of(folded), folded.get("error")
    if (within := _error_in(folded)) is not None:
        return Refusal(text(within.get("code"), _MOST_CODE) or "error", message, is_coded=False)
    is_wrong = any(_truth(folded.get(key)) for key in _WENT_WRONG)
    rest = "error" if is_wrong else "" if _truth(error) is False else text(error, _MOST_CODE)
    code = next(filter(_NO.fullmatch, (_sign(folded, key) for key in SIGNS)), rest)
    refusal = Refusal(code, message, is_coded=False)
    is_about_token = folded.keys() <= _SAYS_NOTHING and refusal.blames_token()
    return refusal if is_about_token or not (code == "" or _SUCCESS.fullmatch(code)) else None


def says_yes(folded: Mapping[str, object]) -> bool:
    """Tell whether `folded`, which reports no error, says by a code or another sign that all went well."""
    said = (text(folded.get("errorcode"), _MOST_CODE), *(_sign(folded, key) for key in SIGNS))
    return any(_SUCCESS.fullmatch(sign) or _YES.fullmatch(sign) for sign in said)


def denies_error(folded: Mapping[str, object]) -> bool:
    """Tell whether `folded` says, where only that is asked, that nothing went wrong."""
    return any(_truth(folded.get(key)) is False for key in _WENT_WRONG)


def _sign(folded: Mapping[str, object], key: str) -> str:
    """Return what `folded` says at `key`; "true" or "false" where only that is asked, however it is said, and for the values."""
    value = folded.get(key)
    truth = _truth(value) if key in _WENT_WELL else value if isinstance(value, bool) else None
    return text(value, _MOST_CODE) if truth is None else str(truth).lower()


def _truth(value: object) -> bool | None:
    """Return what `value` says to yes or no, None where it says neither."""
    if isinstance(value, bool):
        return value
    words = without_marks(text(value, _MOST_CODE))
    return True if _TRUE.fullmatch(words) else False if _FALSE.fullmatch(words) else None


def message_of(answer: object, *, is_refusal: bool = False) -> str:
    """Return the portal's own words in `answer`, cleaned, at most 500 characters; "" where there are none.

    Of one that `is_refusal`, those of gateways and frameworks, too.
    """
    return words_of(fold(answer), is_refusal=is_refusal) if isinstance(answer, Mapping) else ""


def words_of(folded: Mapping[str, object], *, is_refusal: bool = False) -> str:
    """Return what `message_of` returns of an answer that is folded."""
    places = ((folded, _REFUSAL_KEYS if is_refusal else _MESSAGE_KEYS), (_error_in(folded) or {}, _REFUSAL_KEYS))
    found = (text(place.get(key), _MOST_MESSAGE) for place, keys in places for key in keys)
    return next(filter(None, found), "")


def _error_in(folded: Mapping[str, object]) -> dict[str, object] | None:
    """Return, folded, the object that tells of an error, which may be empty: under `error`, or `fault` as gateways call it."""
    errors = (folded.get(key) for key in ("error", "fault"))
    return next((fold(error) for error in errors if isinstance(error, Mapping)), None)


def check_success(answer: object) -> None:
    """Raise PortalRejected when `answer` reports an error."""
    refusal = refusal_of(answer)
    if refusal is not None:
        raise refusal.as_error()


def without_marks(words: str) -> str:
    """Return `words` in lower case and without Vietnamese marks, to look for words in."""
    decomposed = unicodedata.normalize("NFD", words.lower().replace("đ", "d"))
    return "".join(char for char in decomposed if not unicodedata.combining(char))


def _printable(char: str) -> str:
    """Return `char`, a space for a control, nothing for what is invisible or turns the direction of writing."""
    category = unicodedata.category(char)
    return "" if category == "Cf" else " " if category in ("Cc", "Cs", "Zl", "Zp") else char
