"""The proxy's command line.

python -m srs_conformance.proxy --listen 1935=srs-origin-service:1935 --control 1987 --seed 7
"""

from __future__ import annotations

import argparse
import asyncio
import dataclasses
import itertools
import signal
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from srs_conformance.proxy.control import Control
from srs_conformance.proxy.counters import Counters
from srs_conformance.proxy.plan import parse
from srs_conformance.proxy.relay import Relay, Route

CONTROL_PORT = 1987
_CONTROL_SECONDS = 5.0
_CANNOT_LISTEN = 1


def main(arguments: Sequence[str] | None = None) -> int:
    """Run until SIGTERM or Ctrl-C; 1 where a port cannot be had."""
    options = _parser().parse_args(arguments)
    hosts = dict(options.host)
    routes = [dataclasses.replace(route, host=hosts.get(route.host, route.host)) for route in options.listen]
    try:
        asyncio.run(serve(routes, control=options.control, seed=options.seed, bind=options.bind))
    except OSError as error:
        print(f"proxy: cannot listen: {error}", file=sys.stderr, flush=True)
        return _CANNOT_LISTEN
    return 0


async def serve(routes: Sequence[Route], *, control: int, seed: int, bind: str = "") -> None:
    """Carry connections until the process is told to end.

    Args:
        routes: the ports, and where their connections go.
        control: the control port.
        seed: of all draws.
        bind: the address to listen on and to connect from, "" for any.

    Raises:
        OSError: a port cannot be had.
    """
    loop, ended = asyncio.get_running_loop(), asyncio.Event()
    for each in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(each, ended.set)
    counters, serials = Counters(), itertools.count(1)
    relays = [Relay(at, route, counters, seed=seed, bind=bind) for at, route in enumerate(routes)]

    async def told() -> dict[str, Any]:
        return {"seed": seed, **counters.to_json()}

    async def take(value: Mapping[str, Any]) -> None:
        plan = parse(value, next(serials))
        for relay in relays:
            relay.follow(plan)
        print(f"proxy: plan {plan.serial}: {value}", flush=True)

    try:
        for relay in relays:
            await relay.start()
        port = Control(  # the last to listen: whoever reaches it finds all of the proxy
            (bind, control),
            counters=lambda: asyncio.run_coroutine_threadsafe(told(), loop).result(_CONTROL_SECONDS),
            follow=lambda value: asyncio.run_coroutine_threadsafe(take(value), loop).result(_CONTROL_SECONDS),
        )
        port.start()
        print(f"proxy: listening, seed {seed}: {', '.join(map(str, routes))}", flush=True)
        await ended.wait()
        await asyncio.to_thread(port.stop)
    finally:
        for relay in relays:
            await relay.close()


def _route(text: str) -> Route:
    port, equals, target = text.partition("=")
    host, colon, target_port = target.rpartition(":")
    if not (equals and colon and host and port.isdecimal() and target_port.isdecimal()):
        raise argparse.ArgumentTypeError(f"{text!r} is not PORT=HOST:PORT")
    return Route(int(port), host, int(target_port))


def _host(text: str) -> tuple[str, str]:
    name, separator, address = text.partition("=")
    if not (name and separator and address):
        raise argparse.ArgumentTypeError(f"{text!r} is not NAME=ADDRESS")
    return name, address


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="proxy", description="A TCP proxy that disturbs what it passes, by a plan.")
    add = parser.add_argument
    add(
        "--listen", action="append", required=True, type=_route, metavar="PORT=HOST:PORT", help="a port, and its target"
    )
    add("--control", type=int, default=CONTROL_PORT, metavar="PORT", help="port for plans and counters (%(default)s)")
    add("--seed", type=int, default=0, metavar="N", help="same seed, same connections: same choices (%(default)s)")
    add("--bind", default="", metavar="ADDRESS", help="listen on and connect from this address only")
    add("--host", action="append", default=[], type=_host, metavar="NAME=ADDRESS", help="a name without DNS")
    return parser
