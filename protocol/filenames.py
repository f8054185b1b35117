"""File names from outside, made harmless."""

from __future__ import annotations

import re
import unicodedata
from email.errors import MessageError
from email.header import decode_header, make_header
from email.message import Message
from urllib.parse import unquote_to_bytes

from .answers import is_nothing
from .legacy_text import decoded, repaired

_MOST = 150
_MOST_READ = 4096
_LONGEST_EXTENSION = 10

PDF = "application/pdf"
JPEG = "image/jpeg"
PNG = "image/png"
TIFF = "image/tiff"
XML = "application/xml"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ZIP = "application/zip"
# Containers of signed documents (ETSI EN 319 162): extended, with many files, and simple, with one.
ASICE = "application/vnd.etsi.asic-e+zip"
ASICS = "application/vnd.etsi.asic-s+zip"
_EXTENSIONS = {
    PDF: (".pdf",),
    JPEG: (".jpg", ".jpeg", ".jpe", ".jfif"),
    PNG: (".png",),
    TIFF: (".tif", ".tiff"),
    XML: (".xml",),
    DOCX: (".docx",),
    XLSX: (".xlsx",),
    ZIP: (".zip",),
    ASICE: (".asice", ".sce"),
    ASICS: (".asics", ".scs"),
}
# By their bytes they are of these kinds, and programs open them under their own names only.
_KEPT_EXTENSIONS = {
    ZIP: (".odt", ".ods", ".odp", ".odg", ".ott", ".ots", ".otp", ".pptx", ".pptm", ".ppsx", ".ppsm", ".potx", ".potm"),
    DOCX: (".docm", ".dotx", ".dotm"),
    XLSX: (".xlsm", ".xlsb", ".xltx", ".xltm"),
    XML: (".fodt", ".fods", ".fodp", ".fodg"),
}
KNOWN_KINDS = frozenset(_EXTENSIONS)
_MIMETYPES = {extension: mimetype for mimetype, extensions in _EXTENSIONS.items() for extension in extensions}
# Milliseconds of the years 2001 to 2286, as the portal puts them in front of names.
_STAMP = re.compile(r"([1-9][0-9]{12})[_-]")
# A quoted value, whatever follows it: two headers may have been joined into one.
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)".*|\'(.*)\'', re.DOTALL)
_PERCENT = re.compile(r"%[0-9A-Fa-f]{2}")
# Cc controls, Cf invisible and direction-changing characters, Cs lone surrogates, Co private, Cn unassigned,
# Zl and Zp line separators.
_UNPRINTABLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def safe_name(raw: object, fallback: str = "document") -> str:
    """Return `raw` as a file name: at most 150 characters with its extension kept, NFC, never empty.

    Slashes, backslashes, control and direction-changing characters go; so do dots in front. What remains
    of nothing is `fallback`.
    """
    text = re.sub(r"[\t\r\n]", " ", raw[:_MOST_READ]) if isinstance(raw, str) else ""
    text = "".join(char for char in text if unicodedata.category(char) not in _UNPRINTABLE)
    text = re.sub(r"[/\\]+", "_", unicodedata.normalize("NFC", text))
    text = re.sub(r"\s+", " ", text).lstrip(". ").rstrip(". ")
    if not text.strip("_") or is_nothing(text):
        return fallback
    if len(text) > _MOST:
        extension = _extension(text)
        text = text[: _MOST - len(extension)].rstrip(". ") + extension
    return text


def disposed_name(header: str) -> str:
    """Return the safe name in a header Content-Disposition, as HTTP engines hand it on; "" where it holds none.

    Read are RFC 5987, RFC 2047, and bytes that stand there bare or percent-encoded in one of the encodings of `legacy_text`
    (wire §4).
    """
    message = Message()
    if _PERCENT.search(header) and "%20" not in header:
        # So do some encode a space.
        header = header.replace("+", "%20")
    try:
        message["Content-Disposition"] = header[:_MOST_READ].replace("\r", " ").replace("\n", " ")
        values = [value for name, value in message.get_params([], "Content-Disposition") if name.lower() == "filename"]
        # RFC 6266: what tells its encoding goes before what does not.
        value = next((value for value in values if isinstance(value, tuple)), values[0] if values else "")
        return safe_name(repaired(_decoded(value)), fallback="")
    except (LookupError, ValueError, TypeError, MessageError):
        # Who makes such a header may mean anything by it.
        return ""


def name_in_link(link: str, fallback: str = "document") -> str:
    """Return the safe name at the end of the path of `link`, without its extension, which promises nothing there.

    `fallback` where there is none.
    """
    place, _slash, last = link.partition("#")[0].partition("?")[0].partition("://")[2].rpartition("/")
    name = safe_name(decoded(unquote_to_bytes(last.encode("utf-8", "surrogatepass"))) if place else "", fallback)
    return name[: -len(_extension(name))] if mimetype_of(name) else name


def mimetype_of(name: str) -> str | None:
    """Return the mimetype that the extension of `name` claims; None where it is none of those we know."""
    return _MIMETYPES.get(_extension(name).lower())


def tells(name: str, mimetype: str) -> bool:
    """Tell whether the extension of `name` is one that files of `mimetype` have."""
    extension = _extension(name).lower()
    return _MIMETYPES.get(extension) == mimetype or extension in _KEPT_EXTENSIONS.get(mimetype, ())


def extension_for(mimetype: str) -> str:
    """Return the usual extension of files of `mimetype`, one of KNOWN_KINDS."""
    return _EXTENSIONS[mimetype][0]


def with_extension(name: str, mimetype: str) -> str:
    """Return `name` with an extension that fits `mimetype`, added only where its own claims nothing we know."""
    if mimetype_of(name) or tells(name, mimetype) or mimetype not in _EXTENSIONS:
        return name
    extension = extension_for(mimetype)
    return name[: _MOST - len(extension)] + extension


def fitting(name: str, mimetype: str) -> str:
    """Return `name` with an extension that fits `mimetype`, in place of one that claims another kind."""
    claimed = mimetype_of(name)
    # A container is a zip, too.
    if claimed not in (None, mimetype) and not (claimed == ZIP and mimetype in (DOCX, XLSX, ASICE, ASICS)):
        name = name[: -len(_extension(name))]
    return with_extension(name, mimetype)


def upload_stamp(name: str) -> int | None:
    """Return when the file was uploaded, in milliseconds since 1970, where its name begins with that.

    So do the names of the guideline's sample, "1662977948612_….pdf"; a hint of age, nothing more.
    """
    match = _STAMP.match(name)
    return int(match[1]) if match else None


def _decoded(value: str | tuple[str | None, str | None, str]) -> str:
    if isinstance(value, tuple):
        charset, _language, text = value
        raw = text.encode("latin-1", "replace")
        return decoded(raw) if (charset or "utf-8").lower() in ("utf-8", "utf8") else raw.decode(charset, "replace")
    if quoted := _QUOTED.fullmatch(value):
        value = quoted[1] or quoted[2] or ""
    if "=?" in value:
        return str(make_header(decode_header(value)))
    return decoded(unquote_to_bytes(value.encode("latin-1", "replace")))


def _extension(name: str) -> str:
    stem, dot, extension = name.rpartition(".")
    is_one = stem and extension.isalnum() and len(extension) <= _LONGEST_EXTENSION
    return dot + extension if is_one else ""
