"""Run the simulator as a program: `python -m simulator --port 8080`."""

import argparse
import signal
import threading

from .profiles import PROFILES
from .server import Simulator


def main() -> None:
    """Serve until SIGINT or SIGTERM; say where, once it is ready."""
    parser = argparse.ArgumentParser(
        prog="simulator", description="Security server, portal and agencies in one program, for training and tests."
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one (default: %(default)s)")
    parser.add_argument(
        "--token-lifetime", type=float, default=1800.0, metavar="SECONDS", help="of a token (default: %(default)s)"
    )
    parser.add_argument(
        "--latency", type=float, default=0.0, metavar="SECONDS", help="added to every call (default: %(default)s)"
    )
    parser.add_argument(
        "--agencies", type=int, default=0, metavar="N", help="generated ones beside the real (default: %(default)s)"
    )
    parser.add_argument(
        "--profile",
        choices=PROFILES,
        default="printed",
        help="the way in which the portal speaks (default: %(default)s)",
    )
    options = parser.parse_args()
    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_signal: stopped.set())
    simulator = Simulator(options.port, options.host, options.token_lifetime, options.latency, options.agencies)
    simulator.speak(options.profile)
    try:
        simulator.start()
    except (OSError, OverflowError) as error:
        parser.exit(1, f"simulator: cannot listen on {simulator.url}: {error}\n")
    print(f"listening on {simulator.url}", flush=True)
    stopped.wait()
    simulator.stop()


if __name__ == "__main__":
    main()
