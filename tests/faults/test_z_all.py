"""Runs after the faults: what holds for everything that the whole run left behind."""

import hashlib


def test_every_file_ended_or_has_a_reason(everything):
    rows = everything.database("SELECT count(*) FROM kho_dl_retrieval WHERE state = 'done'")
    assert rows > [(0,)], "no file arrived in the whole run: the tests below would not see anything"
    without = """
        SELECT id, state FROM kho_dl_retrieval
         WHERE state = 'running' OR (state = 'done' AND attachment_id IS NULL) OR (state != 'done' AND error IS NULL)
    """
    assert everything.database(without) == []


def test_no_file_is_twice_on_a_document(everything):
    twice = """
        SELECT case_document_id, link_key FROM kho_dl_retrieval
         WHERE state = 'done' GROUP BY case_document_id, link_key HAVING count(*) > 1
    """
    assert everything.database(twice) == []
    surplus = """
        SELECT rel.attachment_id FROM kho_dl_case_document_attachment_rel rel
          LEFT JOIN kho_dl_retrieval row USING (attachment_id) WHERE row.id IS NULL
    """
    assert everything.database(surplus) == []


def test_no_file_is_half(everything):
    attached = everything.database(
        """
        SELECT a.id, a.store_fname, a.file_size, a.checksum, r.size, r.sha256
          FROM kho_dl_retrieval r JOIN ir_attachment a ON a.id = r.attachment_id WHERE r.state = 'done'
        """
    )
    for attachment, stored_as, size, checksum, received, sha256 in attached:
        content = (everything.filestore / stored_as).read_bytes()
        assert len(content) == size == received, attachment
        assert hashlib.sha1(content).hexdigest() == checksum, attachment
        assert hashlib.sha256(content).hexdigest() == sha256, attachment


def test_the_journal_is_one_whole_chain(machine):
    machine.start()
    [(closed,)] = machine.database("SELECT count(*) FROM kho_dl_query WHERE outcome IS NOT NULL")
    assert closed
    verdict = machine.api("admin")("kho.dl.journal.chain", "action_verify")["params"]
    assert verdict["type"] == "success", verdict["message"]
