from . import catalogue, demand, health, import_template, indicators, papers, proof
