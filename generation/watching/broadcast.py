"""Words to the sockets from synchronous code."""

import logging

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)


def send(*words):
    """Send (group, message) pairs in this order. Fails silently: the words are hints about the row.

    All in one go: every call of async_to_sync makes an event loop, and the layer a connection to Redis for it.
    """
    try:
        async_to_sync(deliver)(words)
    except (RedisError, OSError, RuntimeError) as error:
        logger.warning("no word to %s: %s", ", ".join(group for group, _message in words), error)


async def deliver(words, layer=None):
    """Send (group, message) pairs in this order. Raises what the layer raises."""
    layer = layer or get_channel_layer()
    for group, message in words:
        await layer.group_send(group, message)
