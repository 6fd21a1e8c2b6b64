"""The OpenAPI document is valid and true: generated requests get answers that it describes, and no failure."""

from __future__ import annotations

import collections

import pytest

from server_app import ADDRESS, client_of, fill, settings_of, token_of

pytestmark = pytest.mark.usefixtures("loaded")


@pytest.fixture(scope="module")
def settings(tmp_path_factory):
    settings = settings_of(tmp_path_factory.mktemp("openapi"))
    fill(settings.store, "ann/coder", "zeppelin")
    return settings


def test_the_document_is_valid(settings):
    validate = pytest.importorskip("openapi_spec_validator").validate
    with client_of(settings) as client:
        document = client.get("/openapi.json").json()
    validate(document)
    operations = [operation for path in document["paths"].values() for operation in path.values()]
    assert all(operation.get("description") or operation["summary"] for operation in operations)
    for operation in operations:
        assert set(operation["responses"]["default"]["content"]) == {"application/problem+json"}
    guarded = {path for path, methods in document["paths"].items() for one in methods.values() if one.get("security")}
    assert set(document["paths"]) - guarded == {"/healthz", "/readyz"}


@pytest.mark.filterwarnings("ignore::UserWarning", "ignore::DeprecationWarning")
def test_generated_requests_get_described_answers(settings):
    schemathesis = pytest.importorskip("schemathesis")
    from hypothesis import HealthCheck, given
    from hypothesis import settings as hypothesis_settings
    from schemathesis.checks import not_a_server_error
    from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance

    with client_of(settings) as client:
        header = token_of(settings, "ann/coder")
        schema = schemathesis.openapi.from_dict(client.get("/openapi.json", headers=header).json())
        failures, statuses = [], collections.Counter()
        for operation in schema.get_all_operations():
            made = operation.ok()
            if made.path.startswith("/healthz") or made.path == "/v1/plan":
                continue

            @given(case=made.as_strategy())
            @hypothesis_settings(max_examples=12, deadline=None, derandomize=True, database=None,
                                 suppress_health_check=list(HealthCheck))
            def try_one(case):
                case.query = {name: value for name, value in (case.query or {}).items() if name != "scope"}
                sent = case.as_transport_kwargs(base_url=ADDRESS)
                sent["headers"] = {**{name: value for name, value in sent["headers"].items()
                                      if name.lower() not in ("authorization", "accept")}, **header}
                answer = client.request(**{name: value for name, value in sent.items() if name != "cookies"})
                statuses[answer.status_code] += 1
                case.validate_response(schemathesis.Response.from_any(answer),
                                       checks=[not_a_server_error, response_schema_conformance, content_type_conformance])

            try:
                try_one()
            except Exception as error:  # all routes are tried, then all that is wrong is told
                failures.append(f"{made.method} {made.path}: {type(error).__name__} {str(error)[:600]}")
        assert not failures, "\n".join(failures)
        assert statuses[200] > 50 and statuses[404] > 5 and not statuses[401], statuses
