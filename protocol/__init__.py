"""The wire to the national data store (Kho DL): addresses, tokens, directory, papers, files.

Pure Python on `requests`, nothing of Odoo. Start at `client.Client`; every failure is a `KhoDLError` of
`errors`. Sources named in docstrings: "guideline" is the official one, section V; "wire" is the project's
own description of the wire (spec/wire.md), by its section.
"""
