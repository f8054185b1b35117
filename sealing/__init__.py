"""Certified copies ("sao y"): the copy mark on the first page, and the agency's seal over the whole file.

Pure Python on `pyHanko`, `pypdf`, `reportlab` and `Pillow`, nothing of Odoo nor of any other room. No network, ever.
`pages.as_pdf` makes one PDF of scans, `copy_mark.mark_copy` puts the mark on it, `seal.SealKey` seals it.
"""
