"""What is made out of files: certified copies ("sao y") with the agency's seal, one PDF of photos, pictures of pages.

Pure Python on `pyHanko`, `pypdf`, `reportlab`, `Pillow` and `pypdfium2`, nothing of Odoo nor of any other room. No network,
ever. `workshop` has each made in a child process that serves this once; `seal.SealKey` seals copies.
"""
