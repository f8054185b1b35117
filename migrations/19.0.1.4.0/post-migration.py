from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    """Bring what an earlier version kept to 19.0.1.4.0."""
    _date_steps_of_cases(cr)
    _note_whom_files_were_fetched_for(cr)
    _give_files_to_their_documents(cr)
    _score_candidates_anew(cr)
    _tell_of_revoked_papers(cr)


def _date_steps_of_cases(cr):
    """A case that began past a step has the dates of it now: those of before get what this version would have given.

    What somebody said stays; no step is later than the next one that is said; of the rest it is known that it was
    over when the case was made.
    """
    cr.execute(
        """
        UPDATE kho_dl_case
           SET date_received = COALESCE(
                   date_received, LEAST(date_submitted, date_finished, date_returned), create_date
               ),
               date_finished = CASE WHEN state IN ('9', '10') THEN COALESCE(
                   date_finished, date_returned, GREATEST(create_date, date_received, date_submitted)
               ) ELSE date_finished END,
               date_returned = CASE WHEN state = '10' THEN COALESCE(
                   date_returned, GREATEST(create_date, date_finished, date_received, date_submitted)
               ) ELSE date_returned END
         WHERE state IN ('2', '4', '9', '10')
           AND (date_received IS NULL
                OR (state IN ('9', '10') AND date_finished IS NULL)
                OR (state = '10' AND date_returned IS NULL))
        """
    )


def _note_whom_files_were_fetched_for(cr):
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


def _give_files_to_their_documents(cr):
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


def _score_candidates_anew(cr):
    """Candidates of before were scored as if a word more told nothing: bulk acceptance must not take them."""
    cr.execute("UPDATE kho_dl_procedure_document SET candidates_on = NULL WHERE mapping_state = 'open'")


def _tell_of_revoked_papers(cr):
    """Tell the portal of the papers that the script before the upgrade took back: their addresses are dead."""
    cr.execute(
        """
        SELECT DISTINCT ended.case_id
          FROM kho_dl_paper ended
          JOIN kho_dl_paper first
            ON (first.company_id, first.owner_id_number, first.result_code_id, COALESCE(first.agency_code, ''), first.number)
             = (ended.company_id, ended.owner_id_number, ended.result_code_id, COALESCE(ended.agency_code, ''), ended.number)
         WHERE first.state = 'effective' AND ended.state = 'revoked' AND ended.case_id IS NOT NULL
           AND ended.ended_on > now() AT TIME ZONE 'UTC' - interval '1 day'
        """
    )
    env = api.Environment(cr, SUPERUSER_ID, {})
    env["kho.dl.case"].browse(case_id for (case_id,) in cr.fetchall())._enqueue_case_sync()
