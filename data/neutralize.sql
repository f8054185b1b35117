-- A copy of the database must neither know the accounts of the agency nor reach its security server or virus scanner,
-- nor give its papers to anybody, nor seal anything.
UPDATE res_company
   SET kho_dl_ss_url = NULL,
       kho_dl_username = NULL,
       kho_dl_password = NULL,
       kho_dl_papers_username = NULL,
       kho_dl_papers_password = NULL,
       kho_dl_account_valid_until = NULL,
       kho_dl_scanner_address = NULL,
       kho_dl_serve_addresses = NULL,
       kho_dl_seal_pkcs12 = NULL,
       kho_dl_seal_password = NULL,
       kho_dl_seal_valid_until = NULL,
       kho_dl_tested_key = NULL,
       kho_dl_tested_on = NULL,
       kho_dl_test_problem = NULL,
       kho_dl_health_token = NULL,
       kho_dl_sync_enabled = FALSE;
DELETE FROM kho_dl_token;
-- Nor should anybody check from there what was checked here.
DELETE FROM kho_dl_reachability;
