"""The same deed by many at the same time."""

from concurrent.futures import ThreadPoolExecutor

from django.db import connection


def at_once(deed, calls):
    """Run deed(**call) for all calls in threads, each with its own connection."""

    def run(call):
        try:
            return deed(**call)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        return list(pool.map(run, calls))
