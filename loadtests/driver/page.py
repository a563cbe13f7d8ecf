"""What Locust's web page has besides its own: a tab with the present figures, their course at /viewers, and /result."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, cast

from flask import Blueprint, Response, jsonify, request, send_file
from locust.web import WebUI

from loadtests.driver import concluding
from srs_conformance.errors import ConformanceError
from srs_conformance.load.live import Live, render
from srs_conformance.load.present import COLUMNS
from srs_conformance.load.result import FILE_NAME, PAGE_NAME

if TYPE_CHECKING:
    from loadtests.driver.session import Session

KEY = "viewers"
"""Of our tab, in Locust's page and in the answer from which it refreshes its tabs."""
_VIEWERS, _RESULT = "Viewers over time", "Result of the last test"
_LINKS = (("./viewers", _VIEWERS), ("./result", _RESULT), ("./result.json", "The same as JSON"))
_FOOT = (
    '<nav style="position:relative;width:max-content;margin:-40px 0 0 24px;font:14px/40px Roboto,Helvetica,sans-serif">'
    + "".join(
        f'<a href="{address}" style="color:#1a9850;margin-right:24px">{words}</a>' for address, words in _LINKS[:2]
    )
    + "</nav>"
)
"""Links at the foot of Locust's page, which is 40 pixels high: a table of its tabs can hold none."""


def add(web: WebUI, session: Session) -> None:
    """Add our tab and our pages to Locust's page, and have a test from its form checked before it begins."""
    assert web.app is not None
    web.template_args["extended_tabs"] = [{"title": "Viewers", "key": KEY}]
    web.template_args["extended_tables"] = [
        {"key": KEY, "structure": [{"key": name, "title": title} for name, title in COLUMNS.items()]}
    ]
    web.template_args["extended_csv_files"] = [{"href": address, "title": words} for address, words in _LINKS]
    web.app.register_blueprint(_pages(web, session))
    _extend(web, session)
    _check_first(web, session)


def _pages(web: WebUI, session: Session) -> Blueprint:
    pages = Blueprint("srs_conformance", __name__, url_prefix=getattr(session.given, "web_base_path", "") or None)

    @pages.route("/viewers")
    @web.auth_required_if_enabled
    def viewers() -> str:
        return render(_live(session))

    @pages.route("/result")
    @web.auth_required_if_enabled
    def result() -> Response:
        return _written(session, PAGE_NAME)

    @pages.route("/result.json")
    @web.auth_required_if_enabled
    def result_json() -> Response:
        return _written(session, FILE_NAME)

    return pages


def _extend(web: WebUI, session: Session) -> None:
    """Let the answer that refreshes Locust's tabs carry the rows of ours, and its page our links."""
    assert web.app is not None

    @web.app.after_request
    def extend(response: Response) -> Response:
        if request.endpoint == "locust.request_stats" and response.is_json:
            answer = dict(response.get_json())
            answer["extended_stats"] = [{"key": KEY, "data": _rows(session)}]
            response.set_data(jsonify(answer).get_data())
        elif request.endpoint == "locust.index" and response.mimetype == "text/html":
            response.set_data(response.get_data(as_text=True).replace("</body>", f"{_FOOT}</body>"))
        return response


def _check_first(web: WebUI, session: Session) -> None:
    """Have the form say what is wrong with it, instead of starting a test that cannot be."""
    assert web.app is not None
    start = web.app.view_functions["locust.swarm"]

    @web.auth_required_if_enabled
    def checked() -> Response:
        try:
            session.admit(request.form)
        except ConformanceError as error:
            words = f"{error.message} ({error.hint})" if error.hint else error.message
            return jsonify({"success": False, "message": words, "host": session.environment.host})
        return cast("Response", start())

    web.app.view_functions["locust.swarm"] = checked


def _rows(session: Session) -> list[dict[str, str]]:
    gathering = session.gathering
    return gathering.present.rows(gathering.measures) if gathering else []


def _live(session: Session) -> Live:
    gathering = session.gathering
    links = [("./", "Locust"), *([_LINKS[1]] if session.result else [])]
    if gathering is None:
        return Live("load", state="not started", links=links)
    return Live(
        command=concluding.command(session),
        urls=session.urls,
        streams=session.options.streams,
        state=str(session.runner.state) if session.running else "over",
        seconds=gathering.seconds if session.running else session.result.seconds if session.result else None,
        rows=_rows(session),
        series=gathering.series,
        links=links,
    )


def _written(session: Session, name: str) -> Response:
    """Return a file of the last test's result, which a test before it may have left."""
    if session.result is None:
        return Response("There is no result yet: no test has come to its end.\n", 404, mimetype="text/plain")
    return send_file(Path(session.options.folder, name).resolve(), max_age=0)
