def migrate(cr, version):
    """Note for whose number the files on cases were fetched, as far as the journal and our own store still know it.

    Marked are those on open cases, and on processed ones whose result was not returned yet: there somebody can still
    decide. Of copies from earlier cases it is not known: the number of such a case may have been corrected since.
    """
    cr.execute(
        """
        UPDATE kho_dl_file_check checked SET fetched_for = query.owner_id_number
          FROM kho_dl_retrieval retrieval JOIN kho_dl_query query ON query.id = retrieval.query_id
         WHERE retrieval.attachment_id = checked.attachment_id AND query.owner_id_number <> ''
           AND checked.fetched_for IS NULL
        """
    )
    cr.execute(
        """
        UPDATE kho_dl_file_check checked
           SET fetched_for = NULLIF(paper.owner_id_number, '')
          FROM kho_dl_case_document document JOIN kho_dl_paper paper ON paper.id = document.origin_paper_id
         WHERE document.id = checked.case_document_id AND document.source = 'local' AND checked.fetched_for IS NULL
           AND EXISTS (SELECT FROM kho_dl_case_document_recorded_attachment_rel recorded
                        WHERE recorded.case_document_id = document.id
                          AND recorded.attachment_id = checked.attachment_id)
        """
    )
    cr.execute(
        """
        UPDATE kho_dl_file_check checked SET is_for_other_number = TRUE
          FROM kho_dl_case job
         WHERE job.id = checked.case_id AND job.state IN ('1', '2', '4', '5', '6', '9')
           AND checked.fetched_for <> COALESCE(job.owner_id_number, '')
        """
    )
