"""The other side in one process: security server, portal and agencies, over real HTTP, with faults to order.

Knows nothing of the add-on. Run it with `python -m simulator`, or use `simulator.server.Simulator` in a test.
Section numbers (V.1 …) are those of the guideline.
"""
