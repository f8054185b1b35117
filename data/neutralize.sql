-- A copy of the database must neither know the accounts of the agency nor reach its security server or virus scanner,
-- nor give its papers to anybody, nor seal anything.
UPDATE res_company
   SET kho_dl_ss_url = NULL,
       kho_dl_own_server = NULL,
       kho_dl_portal_lane = NULL,
       kho_dl_username = NULL,
       kho_dl_password = NULL,
       kho_dl_papers_username = NULL,
       kho_dl_papers_password = NULL,
       kho_dl_account_valid_until = NULL,
       kho_dl_account_changed_on = NULL,
       kho_dl_scanner_address = NULL,
       kho_dl_serve_addresses = NULL,
       kho_dl_seal_pkcs12 = NULL,
       kho_dl_seal_password = NULL,
       kho_dl_seal_valid_until = NULL,
       kho_dl_tested_key = NULL,
       kho_dl_tested_on = NULL,
       kho_dl_test_problem = NULL,
       kho_dl_health_token = NULL,
       kho_dl_catalogue_daily = FALSE,
       kho_dl_head_email = NULL,
       kho_dl_sync_enabled = FALSE;
DELETE FROM kho_dl_token;
UPDATE auth_oauth_provider
   SET kho_dl_client_secret = NULL, kho_dl_issuer = NULL, kho_dl_token_endpoint = NULL, kho_dl_keys_endpoint = NULL;
-- Who somebody is to a provider.
UPDATE res_users SET oauth_uid = NULL, oauth_access_token = NULL
 WHERE oauth_provider_id IN (SELECT id FROM auth_oauth_provider WHERE kho_dl_company_id IS NOT NULL);
DELETE FROM kho_dl_breaker;
-- Nor should anybody check from there what was checked here.
DELETE FROM kho_dl_reachability;
DELETE FROM kho_dl_acceptance;
-- An id that no database has: one that is missing would be set at the next upgrade.
INSERT INTO ir_config_parameter (key, value) VALUES ('kho_dl.confirmed_database', 'none')
    ON CONFLICT (key) DO UPDATE SET value = EXCLUDED.value;

-- The addresses of our papers lead to the database that they were made in.
UPDATE kho_dl_paper_file SET token = gen_random_uuid()::text;
UPDATE ir_attachment SET access_token = NULL WHERE res_model LIKE 'kho.dl.%' AND access_token IS NOT NULL;

-- Whoever works on the copy tells people apart by numbers of the province 0000, which is none. Drawn, not computed:
-- all numbers that there can be are soon tried.
CREATE TEMPORARY TABLE kho_dl_stand_in AS
    WITH people AS (
        SELECT owner_id_number AS number FROM kho_dl_case WHERE owner_id_number <> ''
         UNION
        SELECT owner_id_number FROM kho_dl_paper WHERE owner_id_number <> ''
         UNION
        SELECT owner_id_number FROM kho_dl_query WHERE owner_id_number <> ''
         UNION
        SELECT fetched_for FROM kho_dl_file_check WHERE fetched_for <> ''
         UNION
        SELECT handed_in_for FROM kho_dl_file_check WHERE handed_in_for <> ''
         UNION
        SELECT number FROM kho_dl_id_number
    )
    -- After those of a copy of a copy: no number may be in use while it is given.
    SELECT number,
           '0000' || lpad(
               (COALESCE((SELECT max(number::bigint) FROM people WHERE number ~ '^0000\d{8}$'), 9)
                + row_number() OVER (ORDER BY random()))::text, 8, '0'
           ) AS stand_in
      FROM people;
CREATE UNIQUE INDEX ON kho_dl_stand_in (number);
UPDATE kho_dl_case SET owner_id_number = stand_in FROM kho_dl_stand_in WHERE owner_id_number = kho_dl_stand_in.number;
UPDATE kho_dl_paper SET owner_id_number = stand_in FROM kho_dl_stand_in WHERE owner_id_number = kho_dl_stand_in.number;
UPDATE kho_dl_id_number SET number = stand_in FROM kho_dl_stand_in WHERE kho_dl_id_number.number = kho_dl_stand_in.number;
UPDATE kho_dl_file_check SET fetched_for = stand_in FROM kho_dl_stand_in WHERE fetched_for = number;
UPDATE kho_dl_file_check SET handed_in_for = stand_in FROM kho_dl_stand_in WHERE handed_in_for = number;
UPDATE kho_dl_file_check SET stays_for = stand_in FROM kho_dl_stand_in WHERE stays_for = number;
-- The number of an identity card is that of its holder.
UPDATE kho_dl_paper SET number = stand_in FROM kho_dl_stand_in WHERE kho_dl_paper.number = kho_dl_stand_in.number;
UPDATE kho_dl_case_document SET paper_number = stand_in FROM kho_dl_stand_in WHERE paper_number = number;
UPDATE kho_dl_case_document
   SET provenance_paper_number = stand_in FROM kho_dl_stand_in WHERE provenance_paper_number = number;
-- Numbers of papers and names of files.
UPDATE kho_dl_case SET receipt_lines = NULL;
UPDATE kho_dl_case_supplement SET content = NULL, note = NULL;
UPDATE kho_dl_case_message SET body = '…';
UPDATE kho_dl_handover
   SET case_name = '…', procedure = NULL, applicant = '…', documents = NULL, office = '…',
       owner_id_number = (SELECT stand_in FROM kho_dl_stand_in WHERE number = owner_id_number);
DELETE FROM ir_attachment WHERE res_model = 'kho.dl.handover';
UPDATE kho_dl_case_fee SET name = '…', code = NULL;
UPDATE mail_tracking_value SET old_value_char = stand_in FROM kho_dl_stand_in WHERE old_value_char = number;
UPDATE mail_tracking_value SET new_value_char = stand_in FROM kho_dl_stand_in WHERE new_value_char = number;
DROP TABLE kho_dl_stand_in;

-- The personal data of the journal goes as at the end of its retention, so that its seals stay whole; of rows that are
-- not sealed yet it is simply not there.
UPDATE kho_dl_query
   SET owner_id_number = '',
       officer_id_number = NULL,
       officer_name = NULL,
       codes = '',
       asked = NULL,
       answer = NULL,
       message = NULL,
       payload_salt = NULL,
       payload_emptied_on = CASE WHEN chain_position > 0 THEN COALESCE(payload_emptied_on, now() AT TIME ZONE 'UTC') END;
UPDATE kho_dl_retrieval
   SET link = '',
       paper_name = NULL,
       paper_number = NULL,
       file_name = '',
       error = NULL,
       gate_report = NULL,
       gate_reason = NULL,
       payload_salt = NULL,
       payload_emptied_on = CASE WHEN chain_position > 0 THEN COALESCE(payload_emptied_on, now() AT TIME ZONE 'UTC') END;
UPDATE kho_dl_file_decision
   SET file_name = '',
       reason = NULL,
       fetched_for = NULL,
       attachment_id = NULL,
       payload_salt = NULL,
       payload_emptied_on = CASE WHEN chain_position > 0 THEN COALESCE(payload_emptied_on, now() AT TIME ZONE 'UTC') END;
DELETE FROM ir_attachment WHERE res_model = 'kho.dl.file.decision';
UPDATE kho_dl_case_decision
   SET reason = NULL,
       payload_salt = NULL,
       payload_emptied_on = CASE WHEN chain_position > 0 THEN COALESCE(payload_emptied_on, now() AT TIME ZONE 'UTC') END;
UPDATE kho_dl_disclosure
   SET owner_id_number = NULL,
       reason = NULL,
       paper = NULL,
       payload_salt = NULL,
       payload_emptied_on = CASE WHEN chain_position > 0 THEN COALESCE(payload_emptied_on, now() AT TIME ZONE 'UTC') END;
UPDATE kho_dl_withdrawal
   SET owner_id_number = NULL,
       reason = NULL,
       payload_salt = NULL,
       payload_emptied_on = CASE WHEN chain_position > 0 THEN COALESCE(payload_emptied_on, now() AT TIME ZONE 'UTC') END;
-- So nobody acts for a business in a copy.
UPDATE kho_dl_mandate
   SET organisation_name = NULL,
       organisation_number = NULL,
       person_name = NULL,
       person_number = NULL,
       paper_seen = NULL,
       reason = NULL,
       payload_salt = NULL,
       payload_emptied_on = CASE WHEN chain_position > 0 THEN COALESCE(payload_emptied_on, now() AT TIME ZONE 'UTC') END;
-- The portal's words may quote what it was sent.
UPDATE kho_dl_outbox SET error = NULL, portal_message = NULL WHERE error IS NOT NULL OR portal_message IS NOT NULL;

-- What people typed about people; that there was a reason stays, for it decides what a file may do.
UPDATE kho_dl_file_check
   SET reason = NULL, gate_report = NULL, paper_names = NULL, stays_because = CASE WHEN stays_because <> '' THEN '…' END;
UPDATE kho_dl_paper
   SET abstract = NULL,
       scope = NULL,
       note = NULL,
       check_code = NULL,
       entry_problem = CASE WHEN entry_problem <> '' THEN '…' END,
       revoke_reason = CASE WHEN revoke_reason <> '' THEN '…' END;
UPDATE mail_tracking_value SET old_value_char = NULL, new_value_char = NULL
 WHERE field_id IN (SELECT id FROM ir_model_fields WHERE model = 'kho.dl.paper' AND name = 'revoke_reason');

-- A name and a birthday lead to a person.
UPDATE res_partner SET kho_dl_birth_date = NULL, kho_dl_birth_year = NULL WHERE kho_dl_birth_year IS NOT NULL;
UPDATE res_users SET kho_dl_id_number = NULL WHERE kho_dl_id_number IS NOT NULL;

-- What was found and ticked about people, and what forms hold for an hour.
DELETE FROM kho_dl_lookup;
DELETE FROM kho_dl_why;
DELETE FROM kho_dl_digitise;
DELETE FROM kho_dl_compare_file;
DELETE FROM kho_dl_decide_file;
DELETE FROM kho_dl_finish_case;
DELETE FROM kho_dl_catalogue_import;
DELETE FROM kho_dl_office_import;
DELETE FROM kho_dl_revoke_paper;
DELETE FROM kho_dl_withdraw_consent;
DELETE FROM kho_dl_person_page;
DELETE FROM kho_dl_note_representative;
DELETE FROM kho_dl_revoke_mandate;
DELETE FROM kho_dl_check;
DELETE FROM kho_dl_upload;
