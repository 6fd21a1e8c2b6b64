"""Errors as problem details (RFC 9457): one shape for all, and what of an error a client may read."""

from __future__ import annotations

import http
import logging
from typing import Any, Literal

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

import fovea
from fovea._web import shown

MEDIA_TYPE = "application/problem+json"

# By the code of a fovea.Error.
STATUSES = {"invalid_argument": 422, "not_found": 404, "corruption": 500, "io": 503, "unsupported": 501,
            "incomplete": 422}

# Those of fovea.Error, and the server's own.
Code = Literal["invalid_argument", "not_found", "corruption", "io", "unsupported", "incomplete", "failure",
               "unauthorized", "forbidden", "too_large", "too_many", "busy", "timeout", "conflict"]

log = logging.getLogger("fovea.server")


class Problem(HTTPException):
    """A refusal of this server's own. code: for programs; detail: for people, with the place and the fix."""

    def __init__(self, status: int, code: str, detail: str, headers: dict[str, str] | None = None,
                 **more: Any) -> None:
        super().__init__(status, detail, headers)
        self.code, self.more = code, more

    def document(self) -> dict[str, Any]:
        document = {"type": "about:blank", "title": http.HTTPStatus(self.status_code).phrase, "status": self.status_code,
                    "code": self.code, "detail": self.detail, **self.more}
        if self.headers and "Retry-After" in self.headers:
            document["retry_after"] = int(self.headers["Retry-After"])
        return document

    def response(self) -> JSONResponse:
        return JSONResponse(self.document(), self.status_code, self.headers, MEDIA_TYPE)


class WrongField(BaseModel):
    """A field of a request that cannot be used."""

    pointer: str = Field(description="Where it is: in the body as a JSON pointer, otherwise as query:NAME and so on.")
    detail: str


class ProblemDocument(BaseModel):
    """Problem details for HTTP APIs, RFC 9457."""

    type: str = "about:blank"
    title: str
    status: int
    code: Code = Field(description="For programs.")
    detail: str = Field(description="What was expected, what came, what to do.")
    errors: list[WrongField] = []
    retry_after: int | None = Field(None, description="Seconds after which the same request may succeed, as the header "
                                                      "Retry-After has it. The lines of a stream have it here alone.")


def problem_of(error: BaseException, hidden: dict[str, str]) -> Problem:
    """hidden: texts that clients should not read, such as the store's path, with what stands in their place."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, fovea.Error):
        detail = shown(str(error))
        for text, instead in hidden.items():
            detail = detail.replace(text, instead)
        status = STATUSES.get(error.code, 500)
        if status == 503:
            return Problem(status, error.code, detail, {"Retry-After": "5"})
        return Problem(status, error.code, detail)
    if isinstance(error, MemoryError):
        return Problem(503, "io", "the server has no memory left for this; ask for less", {"Retry-After": "5"})
    return Problem(500, "failure", "the server failed; its log has the place under the request's id")


def _place(location: tuple[Any, ...]) -> str:
    if location and location[0] == "body":
        return "/" + "/".join(str(part).replace("~", "~0").replace("/", "~1") for part in location[1:])
    return ":".join(str(part) for part in location)


def _of_validation(error: RequestValidationError, body_is_empty: bool) -> Problem:
    # Without what came: it may be a text to remember.
    wrong = [{"pointer": shown(_place(tuple(one["loc"])))[:200], "detail": str(one["msg"])} for one in error.errors()[:20]]
    if body_is_empty:
        wrong = [{"pointer": "/", "detail": "the body is empty; expected a JSON object"}]
    elif error.errors()[0]["type"] == "json_invalid":  # its place is a character of the text, not a field
        (_, place), reason = error.errors()[0]["loc"], error.errors()[0]["ctx"]["error"]
        byte = len(error.body[:place].encode("utf-8", "surrogatepass"))
        wrong = [{"pointer": "/", "detail": f"the body is no JSON, at byte {byte}: {reason}"}]
    first = wrong[0] if wrong else {"pointer": "/", "detail": "cannot be read"}
    return Problem(422, "invalid_argument", f"{first['pointer']}: {first['detail']}", errors=wrong)


def install(app: FastAPI, hidden: dict[str, str]) -> None:
    """Answers every error that a route raises as a problem."""

    async def answer(request: Request, error: Exception) -> JSONResponse:
        problem = problem_of(error, hidden)
        if problem.status_code >= 500:
            log.error("failed", exc_info=error, extra={"request": request.scope.get("fovea.request", "")})
        return problem.response()

    async def answer_validation(request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, RequestValidationError)
        kind = request.headers.get("content-type", "")
        whole = any(tuple(one["loc"]) == ("body",) for one in error.errors())
        if "json" not in kind and whole:
            return Problem(415, "invalid_argument", "Content-Type: expected application/json").response()
        return _of_validation(error, whole and not await request.body()).response()

    async def answer_http(_: Request, error: Exception) -> JSONResponse:
        """Starlette's own, in words that help."""
        assert isinstance(error, HTTPException)
        if isinstance(error, Problem):
            return error.response()
        headers = dict(error.headers or {})
        code, detail = {
            400: ("invalid_argument", "/: the body cannot be read as JSON"),
            404: ("not_found", "there is no such route; /openapi.json describes all"),
            405: ("invalid_argument", f"the route has no such method, but {headers.get('Allow', 'others')}"),
        }.get(error.status_code, ("failure", str(error.detail)))
        return Problem(error.status_code, code, detail, headers).response()

    app.add_exception_handler(RequestValidationError, answer_validation)
    app.add_exception_handler(HTTPException, answer_http)
    app.add_exception_handler(fovea.Error, answer)
    app.add_exception_handler(Exception, answer)
