"""Whether the parts that the site stands on are there. Each check is cheap and answers None, or what is wrong."""

import shutil
from pathlib import Path

import redis
from django.db import DatabaseError, connection

# A picture with its previews takes about 1 MB; below this the next ones may fail half-way.
LEAST_FREE_BYTES = 200 * 2**20


def database():
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError as error:
        return f"the database does not answer: {type(error).__name__}"
    return None


def queue(client: redis.Redis):
    try:
        client.ping()
    except redis.RedisError as error:
        return f"Redis does not answer: {type(error).__name__}"
    return None


def disk(folder: Path):
    try:
        free = shutil.disk_usage(folder).free
    except OSError as error:
        return f"the data folder cannot be read: {error.strerror}"
    return f"only {free // 2**20} MB are free for data" if free < LEAST_FREE_BYTES else None
