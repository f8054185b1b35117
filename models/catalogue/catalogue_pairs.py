"""Which stored document of a procedure is which one of the national catalogue; knows names and codes, no rules.

Codes of documents are often mere positions (GT01, GT02, …), which move when a document comes in between: so a name
tells more than a code, and a code only together with a name that is nearly the same. To lose a mapping costs a look at
the desk; to move it to another paper costs people the wrong paper.
"""

from collections import Counter

from ..common.text import plain
from ..mapping.mapping_difference import differences, read_name


def pair_documents(records, documents, base, vocabulary):
    """Return {key of one of `documents`: that one of `records` that is the same paper}.

    `documents` are of `protocol.catalogue`, `records` of `kho.dl.procedure.document`, `base` is {key: what the
    catalogue said last of the document with that key}, `vocabulary` is of `mapping_match`.
    """
    said = {record: base.get(record.catalogue_key, {}).get("name") or record.name for record in records}
    names = {record: {plain(said[record]), plain(record.name)} for record in records}
    wanted = {document.key: plain(document.name) for document in documents}
    pairs, left = {}, list(records)

    def take(tells):
        for document in documents:
            if document.key not in pairs:
                same = next((record for record in left if tells(record, document)), None)
                if same:
                    pairs[document.key] = same
                    left.remove(same)

    def take_by_name():
        open_names = Counter(wanted[document.key] for document in documents if document.key not in pairs)
        in_use = {name for record in left if record.active for name in names[record]}
        # What is archived counts only where nothing in use has the name.
        telling_records = [record for record in left if record.active or not names[record] & in_use]
        stored_names = Counter(name for record in telling_records for name in names[record])
        # Where several have one name, it does not tell them apart.
        telling = {name for name, count in open_names.items() if name and count == stored_names[name] == 1}
        take(lambda record, document: record in telling_records and wanted[document.key] in names[record] & telling)

    def is_unmoved(record, document):
        return record.catalogue_key == document.key and wanted[document.key] in {"", *names[record]}

    def has_typed_code(record, document):
        # An archived one may have had its code from the catalogue, which gave it to another paper since.
        return record.active and not record.catalogue_key and record.code and record.code == document.code

    def is_renamed(record, document):
        # One that the catalogue gave no name until now is called by its code.
        is_nameless = record.code and said[record] == record.code
        return record.catalogue_key == document.key and (
            is_nameless or is_same_paper(said[record], document.name, vocabulary)
        )

    take(is_unmoved)
    take_by_name()
    take(has_typed_code)
    take_by_name()
    take(is_renamed)
    return pairs


def is_same_paper(name, other, vocabulary):
    """Tell whether `other` is `name` in another spelling, or with words that say nothing, and not another paper."""
    ours, theirs = (read_name(vocabulary.normal(one)[0]) for one in (name, other))
    return not differences(ours, theirs, known=())
