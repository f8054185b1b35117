from . import demand, import_template, papers, proof
