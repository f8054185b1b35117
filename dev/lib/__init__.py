"""What the commands in ``dev/`` share: one module a subject, standard library only."""
