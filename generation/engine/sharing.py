"""Parts that several checkpoints have in common are held once.

Most checkpoints of a family were trained with the same VAE, and many with the same text encoder. Parts with the
same identity (weights, configuration and precision) are the same module in every pipeline that is loaded; drawing
changes nothing in them, and what LoRAs put on is taken off again before the next render.
"""

import weakref


class Shelf:
    """Modules by identity, for as long as a loaded checkpoint holds them."""

    def __init__(self):
        self._modules: weakref.WeakValueDictionary[str, object] = weakref.WeakValueDictionary()

    def take(self, identity, make):
        """The module of that identity; made by `make()` when nobody holds it."""
        module = self._modules.get(identity)
        if module is None:
            module = self._modules[identity] = make()
        return module

    def get(self, identity):
        """The module of that identity, or None."""
        return self._modules.get(identity)

    def __len__(self):
        return len(self._modules)


def total(holdings):
    """Bytes of several {identity: bytes}, each identity counted once."""
    return sum({identity: size for parts in holdings for identity, size in parts.items()}.values())
