"""Run the simulator as a program: `python -m simulator --port 8080`."""

import argparse
import signal
import sys

from .portal import PASSWORD, UNIT_CODE, USERNAME
from .server import Simulator


def main() -> None:
    parser = argparse.ArgumentParser(prog="simulator", description="Security server, portal and agencies in one program.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--token-lifetime", type=float, default=1800.0, metavar="SECONDS")
    parser.add_argument("--latency", type=float, default=0.0, metavar="SECONDS", help="added to every call")
    options = parser.parse_args()
    simulator = Simulator(options.port, options.host, options.token_lifetime, options.latency)
    signal.signal(signal.SIGTERM, lambda *_signal: sys.exit(0))
    print(f"listening on {simulator.url}", flush=True)
    print(f"account {USERNAME} / {PASSWORD}, unit code {UNIT_CODE}", flush=True)
    try:
        simulator.serve()
    except KeyboardInterrupt:
        pass


if __name__ == "__main__":
    main()
