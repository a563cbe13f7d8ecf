"""The command line of the reference server, as SRS has it, and a few options of its own."""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from srs_conformance.reference import fault_port
from srs_conformance.reference.config import CONFIG_INVALID, ConfigError
from srs_conformance.reference.context import Context
from srs_conformance.reference.faults import Switches, UnknownFaultError
from srs_conformance.reference.logs import Log
from srs_conformance.reference.names import Names
from srs_conformance.reference.personality import Personality, of_version
from srs_conformance.reference.server import Server
from srs_conformance.reference.settings import Settings, read, read_environment

#: SRS ends with -1 when it cannot start.
_CANNOT_START = 255


def main(arguments: Sequence[str] | None = None, environment: Mapping[str, str] = os.environ) -> int:
    """Run the server and return the exit code: 0 after a signal, 255 where it cannot start."""
    given = sys.argv[1:] if arguments is None else list(arguments)
    options = _parser().parse_args(given)
    try:
        personality = of_version(options.version_personality or environment.get("SRS_REFERENCE_VERSION", "6"))
        faults = Switches([*options.fault, *_split(environment.get("SRS_REFERENCE_FAULTS", ""))])
    except (UnknownFaultError, ValueError) as error:
        print(f"srs reference server: {error}", file=sys.stderr)
        return _CANNOT_START
    if options.version:
        print(personality.version, file=sys.stderr if personality.number == 3 else sys.stdout)
        return 0
    folder = Path(options.workdir).resolve()
    # SRS 3 looks for Docker itself; whether it finds it is a matter of the fault config-is-not-watched.
    in_docker = environment.get("SRS_IN_DOCKER") == "on" or personality.number == 3
    try:
        if options.environment:
            config, settings = folder / options.config, read_environment(environment, personality)
        else:
            config, settings = _settings(folder, options.config, personality, faults)
    except ConfigError as error:
        print(_failure(personality, f"config parse options : {error}"), flush=True)
        return _CANNOT_START
    if options.test:
        print("the config file is ok", flush=True)
        return 0
    if "daemonizes" in faults and settings.daemon and environment.get("SRS_DAEMON") != "off" and os.fork():
        return 0
    log = Log(personality, folder / settings.log_file if settings.log_file else None, settings.log_level)
    argv = "./objs/srs -e" if options.environment else f"./objs/srs -c {options.config}"
    names = Names(dict(options.host), options.hosts)
    context = Context(personality, settings, folder, options.bind, names, faults, argv, reopen_log=log.reopen)
    return _run(context, log, config, options.fault_port, in_docker=in_docker)


def _run(context: Context, log: Log, config: Path, port: int, *, in_docker: bool) -> int:
    async def serve() -> int:
        return await Server(context, config, port_of_faults=port or None, in_docker=in_docker).run()

    try:
        log.open()
        return asyncio.run(serve())
    except OSError as error:
        print(_failure(context.personality, f"cannot start: {error}"), file=sys.stderr, flush=True)
        return _CANNOT_START
    finally:
        log.close()


def _settings(folder: Path, name: str, personality: Personality, faults: Switches) -> tuple[Path, Settings]:
    """Read the configuration. Where conf/docker.conf is missing, conf/srs.conf stands in: see docker-conf-missing."""
    path = folder / name
    try:
        return path, read(path, personality)
    except ConfigError as error:
        instead = path.with_name("srs.conf")
        if path.exists() or path.name != "docker.conf" or "docker-conf-missing" in faults or not instead.exists():
            raise ConfigError(str(error).replace(str(path), name)) from error
        return instead, read(instead, personality)


def _failure(personality: Personality, text: str) -> str:
    name = "(ConfigInvalid)" if personality.number > 3 else ""
    return f"[ERROR][{os.getpid()}] Failed, code={CONFIG_INVALID}{name} : {text}"


def _split(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]


def _host(text: str) -> tuple[str, str]:
    name, separator, address = text.partition("=")
    if not (name and separator and address):
        raise argparse.ArgumentTypeError(f"{text!r} is not NAME=ADDRESS")
    return name, address


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="srs-reference", description="An SRS-compatible server that proves the conformance suite. It is not SRS."
    )
    add = parser.add_argument
    add("-c", dest="config", default="conf/srs.conf", metavar="FILE", help="configuration file")
    add("-e", dest="environment", action="store_true", help="read the environment and no file, as SRS from 5 on")
    add("-v", "-V", dest="version", action="store_true", help="print the version and end")
    add("-t", dest="test", action="store_true", help="test the configuration file and end")
    add("--workdir", default=".", metavar="DIR", help="what relative paths start from (default: here)")
    add("--bind", default="", metavar="ADDRESS", help="listen and connect on this address only")
    add("--host", action="append", default=[], type=_host, metavar="NAME=ADDRESS", help="a name without DNS")
    add("--hosts", type=Path, metavar="FILE", help="names in the format of /etc/hosts, read anew each time")
    add("--fault", action="append", default=[], metavar="NAME", help="switch a fault of the catalogue on")
    add("--fault-port", type=int, default=fault_port.PORT, metavar="N", help="port to switch faults on; 0 for none")
    add("--version-personality", metavar="N", help="3, 6 or a whole version (default: SRS_REFERENCE_VERSION, else 6)")
    return parser
