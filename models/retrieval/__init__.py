"""Questions to the national store, and the queue that fetches files."""

from . import (
    ir_websocket,
    kho_dl_query,
    kho_dl_query_asking,
    kho_dl_retrieval,
    kho_dl_retrieval_attachment,
    kho_dl_retrieval_ending,
    kho_dl_retrieval_gate,
    kho_dl_retrieval_progress,
    kho_dl_retrieval_queue,
    kho_dl_retrieval_words,
    kho_dl_case_right,
)
