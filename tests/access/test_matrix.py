"""Every route of the site x every role x every method: let in, or not, as the table says.

The routes are read from the URLconf. A new one without a row in table.txt fails; table.txt says how to write it.
"""

import re
from pathlib import Path

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
    """The clients and the rows, made once; every request is taken back."""
    with django_db_blocker.unblock(), transaction.atomic():
        people = world.make_people()
        yield world.make_clients(people), world.make_rows(people["owner"])
        transaction.set_rollback(True)


def outcomes(site, name, method):
    clients, values = site
    found = {}
    for role in world.ROLES:
        cache.clear()
        with transaction.atomic():
            cookies = clients[role].cookies.copy()
            response = clients[role].generic(method, address_of(name, routes()[name], values))
            found[role] = outcome_of(response)
            clients[role].cookies = cookies
            transaction.set_rollback(True)
    return found


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
    found = outcomes(site, name, method)

    if kind is None:
        let_in = [role for role, outcome in found.items() if outcome == "in" or outcome.startswith("FAILED")]
        assert not let_in, f"{method} has no kind in the row of {name}, and lets in {let_in}"
    else:
        assert found == KINDS[kind], f"{name} {method} is not {kind}"
