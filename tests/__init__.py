from . import (
    test_access,
    test_at_once,
    test_bad_input,
    test_case,
    test_directory,
    test_mixin,
    test_query,
    test_retrieval,
    test_settings,
    test_token,
    test_translations,
    test_wizard,
)
