"""Every route of the site x every role x every method: let in, or not, as the table says.

The routes are read from the URLconf. A new one without a row in table.txt fails; table.txt says how to write it.
"""

import json
import re
from pathlib import Path
from urllib.parse import urlencode

import pytest
from django.core.cache import cache
from django.db import transaction
from django.urls import get_resolver

from tests.access import world

# Pages and forms know two methods; what programs speak to knows all of them.
METHODS, ALL_METHODS = ("GET", "POST"), ("GET", "POST", "PUT", "PATCH", "DELETE")
TABLE = Path(__file__).with_name("table.txt")


def routes(resolver=None, prefix="", space=""):
    """{name: pattern} of everything but the back office, which tests/admin looks at."""
    found = {}
    for part in (resolver or get_resolver()).url_patterns:
        if hasattr(part, "url_patterns"):
            inner = f"{space}{part.namespace}:" if part.namespace else space
            found |= routes(part, prefix + str(part.pattern), inner)
        elif not prefix.startswith("admin/"):
            found[space + (part.name or "(rest)")] = prefix + str(part.pattern)
    return found


def kinds_and_rows():
    """({kind: {role: outcome}}, {route: {method: kind}}) of the table."""
    kinds, rows = {}, {}
    for line in TABLE.read_text().splitlines():
        if line.startswith("="):
            name, *cells = line[1:].split()
            kinds[name] = dict(zip(world.ROLES, cells, strict=True))
        elif line.strip() and not line.startswith("#"):
            name, *cells = line.split()
            rows[name] = dict(cell.split("=") for cell in cells)
    return kinds, rows


KINDS, ROWS = kinds_and_rows()


def address_of(name, pattern, values):
    values = values | world.SPECIAL.get(name, {})
    plain = re.sub(r"\(\?P(<\w+>)[^()]*\)", r"\1", pattern)
    pattern = re.sub(r"<(?:\w+:)?(\w+)>", lambda found: str(values[found[1]]), plain)
    return "/" + re.sub(r"[\^$]|\\Z", "", pattern).replace("\\.", ".")


def outcome_of(response):
    """in: the route's own answer, whatever it was. out: sign in first. no: not you. 404. not: no such method."""
    status, goes_to = response.status_code, response.get("Location", "")
    if status == 401 or (status == 302 and goes_to.startswith("/accounts/login/?next=")):
        return "out"
    return {403: "no", 404: "404", 405: "not"}.get(
        status, "in" if status < 500 or status == 503 else f"FAILED:{status}"
    )


@pytest.fixture(scope="module")
def site(django_db_setup, django_db_blocker):
    """The clients, those with tokens, and the rows, made once; every request is taken back."""
    with django_db_blocker.unblock(), transaction.atomic():
        people = world.make_people()
        yield world.make_clients(people), world.make_token_clients(people), world.make_rows(people["owner"])
        transaction.set_rollback(True)


def outcomes(clients, values, name, method):
    """({role: outcome}, {role: kinds of the owner's things that were changed})."""
    found, touched = {}, {}
    address, (body, kind) = address_of(name, routes()[name], values), body_of(name)
    looks = method != "GET" and "<" in routes()[name]
    before = world.belongings() if looks else {}
    for role, client in clients.items():
        cache.clear()
        with transaction.atomic():
            cookies = client.cookies.copy()
            found[role] = outcome_of(client.generic(method, address, body, kind))
            if looks:
                after = world.belongings()
                touched[role] = [model for model, rows in before.items() if rows != after[model]]
            client.cookies = cookies
            transaction.set_rollback(True)
    return found, touched


def body_of(name):
    """(what is sent, its type)."""
    body = world.BODIES.get(name, {})
    if name.startswith("api:"):
        return json.dumps(body) if body else "", "application/json" if body else "application/octet-stream"
    return urlencode(body), "application/x-www-form-urlencoded"


@pytest.mark.django_db  # as the only one: pytest-django makes a database only where a test is marked
def test_every_route_has_a_row_and_every_row_a_route():
    missing = sorted(set(routes()) - set(ROWS))
    assert not missing, f"Add a row to {TABLE.name} for: {', '.join(missing)}. Its head says how."
    assert not set(ROWS) - set(routes())


def methods_of(name):
    return ALL_METHODS if name.startswith("api:") or "upload" in name else METHODS


@pytest.mark.parametrize(("name", "method"), [(name, method) for name in sorted(ROWS) for method in methods_of(name)])
def test_the_route_lets_in_whom_the_table_says(site, name, method):
    kind = ROWS[name].get(method)
    clients, _with_tokens, values = site
    found, touched = outcomes(clients, values, name, method)

    if kind is None:
        let_in = [role for role, outcome in found.items() if outcome == "in" or outcome.startswith("FAILED")]
        assert not let_in, f"{method} has no kind in the row of {name}, and lets in {let_in}"
    else:
        assert found == KINDS[kind], f"{name} {method} is not {kind}"
    for role in ("guest", "user", "trusted", "banned"):
        assert not touched.get(role), f"{method} of {name} lets a {role} change the owner's {touched[role]}"


@pytest.mark.parametrize(
    ("name", "method"), [(name, method) for name in sorted(ROWS) if name.startswith("api:") for method in ROWS[name]]
)
def test_a_token_lets_in_whom_a_session_lets_in_and_nobody_banned(site, name, method):
    _clients, with_tokens, values = site
    found, touched = outcomes(with_tokens, values, name, method)

    expected = {role: KINDS[ROWS[name][method]][role] for role in with_tokens}
    assert found == expected | ({} if name in world.WITHOUT_TOKENS else {"banned": "no"})
    assert not touched.get("user")
    assert not touched.get("trusted")
