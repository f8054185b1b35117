"""What tests of many files side by side share: what they ask for, and how they look at what comes."""

import threading

from protocol.directory import Server

SERVER = Server("000.00.00.H22", "Hà Giang", "VN:GOV:000.00.00.H22:hagiangvdxpsvc01")
PDF = b"%PDF-1.7\n%%EOF\n"


def requests_for(client, *names):
    return (client.file_request(name, f"https://a.vn/{name}.pdf", SERVER, "a.pdf") for name in names)


def one_by_one(batches):
    """Yield the results of `batches` singly, as they come."""
    for batch in batches:
        assert batch
        yield from batch


def name_of(asked):
    return asked.target.partition("?")[0].rpartition("/")[2].removesuffix(".pdf")


def downloading():
    return [thread for thread in threading.enumerate() if thread.name.startswith("kho_dl_download")]
