"""Certified copies ("sao y"): the copy mark on the first page, and the agency's seal over the whole file.

Pure Python on `pyHanko`, `pypdf`, `reportlab` and `Pillow`, nothing of Odoo nor of any other room. No network, ever.
`workshop.marked_copy` makes one PDF of scans with the mark on it, in a child process; `seal.SealKey` seals it.
"""
