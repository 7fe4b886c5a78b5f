"""Teaches the UNet where to look: each place of the picture at the draft position that stands for it.

Left alone, the cross-attention takes tens of thousands of samples to find out that position 24 + 8 * row + column
describes that row and column. A small extra loss on half of its heads tells it at once.
"""

import torch

from generation.training.text import GRID
from generation.training.tokenizer import LENGTH, TEXT_TOKENS

GUIDED = 2  # heads of each cross-attention told where to look; the others are free


class Guide:
    """Listens to the queries and keys of every cross-attention of a UNet during its forward pass."""

    def __init__(self, unet):
        self.heads: dict[str, int] = {}
        self.seen: dict[str, dict[str, torch.Tensor]] = {}
        for name, module in unet.named_modules():
            if name.endswith("attn2"):
                self.heads[name], self.seen[name] = module.heads, {}
                module.to_q.register_forward_hook(self._listener(name, "queries"))
                module.to_k.register_forward_hook(self._listener(name, "keys"))

    def loss(self) -> torch.Tensor:
        """Mean negative log of the attention that falls on the right draft positions."""
        losses = [missed(seen["queries"], seen["keys"], self.heads[name]) for name, seen in self.seen.items()]
        return torch.stack(losses).mean()

    def _listener(self, name: str, what: str):
        def listen(module, inputs, output):
            self.seen[name][what] = output

        return listen


def missed(queries, keys, heads: int):
    """-log of the attention the guided heads pay to their own patch; queries (B, s*s, C), keys (B, 88, C)."""
    batch, places, channels = queries.shape
    width = channels // heads
    q = queries.view(batch, places, heads, width)[:, :, :GUIDED].float()
    k = keys.view(batch, LENGTH, heads, width)[:, :, :GUIDED].float()
    attention = (torch.einsum("bphc,bkhc->bhpk", q, k) / width**0.5).softmax(-1)
    return -(attention * own_patches(places)).sum(-1).clamp_min(1e-6).log().mean()


def own_patches(places: int):
    """(places, 88): which draft positions lie under each place of an s x s feature map."""
    side = int(places**0.5)
    fine = torch.arange(GRID) * side // GRID  # row (or column) of the map under each row of the grid
    mine = torch.nn.functional.one_hot(fine, side).float()  # (8, s)
    table = torch.einsum("ay,bx->yxab", mine, mine).reshape(places, GRID * GRID)
    return torch.nn.functional.pad(table, (TEXT_TOKENS, 0))
