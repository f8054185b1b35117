"""Documents of Office, as far as anybody here looks at them."""

import io
import zipfile

TYPES = "[Content_Types].xml"
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
WORD_WITH_MACROS = "application/vnd.ms-word.document.macroEnabled.main+xml"


def office(types=WORD, *names, first=TYPES, method=zipfile.ZIP_DEFLATED):
    """Return a document of Office whose list of parts is `types`, with parts of these names beside the text."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", method) as archive:
        for name in (first, "word/document.xml", *names):
            archive.writestr(name, types if name == TYPES else "x")
    return target.getvalue()
