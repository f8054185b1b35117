{
    "name": "What anybody would write first",
    "summary": "A contender of ./dev/bench: fetches papers in a loop and attaches them.",
    "version": "19.0.1.0.0",
    "license": "LGPL-3",
    "author": "Kho DL for Odoo contributors",
    "depends": ["kho_dl"],
}
