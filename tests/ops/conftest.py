"""One site for the tests that only look at it; a site of their own for those that stop or break it."""

import pytest

from tests.ops.running_site import RunningSite


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    with RunningSite(tmp_path_factory.mktemp("site")) as running:
        yield running.ready()
