from . import downloads, health, papers
