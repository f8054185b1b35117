def migrate(cr, version):
    """Files on cases go with their documents alone, also those of before, and are open to nobody else.

    What belongs to a record of another application is copied as soon as a file is put on its document.
    """
    cr.execute(
        """
        UPDATE ir_attachment file SET res_model = 'kho.dl.case.document', res_id = held.case_document_id
          FROM kho_dl_case_document_attachment_rel held
         WHERE held.attachment_id = file.id
           AND (file.res_model, file.res_id) IS DISTINCT FROM ('kho.dl.case.document', held.case_document_id)
           AND (COALESCE(file.res_id, 0) = 0
                OR EXISTS (SELECT FROM kho_dl_case_document_recorded_attachment_rel recorded
                            WHERE (recorded.case_document_id, recorded.attachment_id)
                                = (held.case_document_id, held.attachment_id)))
           AND NOT EXISTS (SELECT FROM kho_dl_paper_file stored WHERE stored.attachment_id = file.id)
        """
    )
    cr.execute(
        """
        UPDATE ir_attachment file SET public = FALSE, access_token = NULL, res_field = NULL
          FROM kho_dl_case_document_attachment_rel held
         WHERE held.attachment_id = file.id
           AND (file.res_model, file.res_id) = ('kho.dl.case.document', held.case_document_id)
           AND (file.public OR file.access_token IS NOT NULL OR file.res_field IS NOT NULL)
        """
    )
