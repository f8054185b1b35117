from . import import_template, papers, proof
