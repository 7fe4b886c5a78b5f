"""Trains the small autoencoder that turns 128-pixel pictures into 16x16 latents and back.

The shipped VAE reconstructs clean training pictures at 28 dB. It came from this recipe: Muon, residual branches
that start at zero, and a loss on colour differences at several scales, without which it stayed at two hues.
"""

import math
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as functional

from generation.training.colours import on_background
from generation.training.muon import Muon
from generation.training.pictures import load_look
from generation.training.places import Workplace
from generation.training.running import Clock, Log, rate, seeds, set_rate
from generation.training.workers import SYNC_EVERY, Workers

LOOKS = ("3d", "flat", "line")
CROP = 64  # small crops teach texture four times as fast; every fourth batch is a whole picture


@dataclass(frozen=True)
class VaePlan:
    batch: int = 4
    lr: float = 0.008
    hold: float = 0.3
    kl: float = 1e-4
    averaged: float = 0.99


def new_vae():
    """f8, 4 channels (the inpainting pipeline accepts no other count), 2.6 M parameters."""
    from diffusers import AutoencoderKL

    vae = AutoencoderKL(
        latent_channels=4,
        block_out_channels=(16, 32, 64, 128),
        down_block_types=("DownEncoderBlock2D",) * 4,
        up_block_types=("UpDecoderBlock2D",) * 4,
        layers_per_block=1,
        norm_num_groups=8,
        mid_block_add_attention=False,
        sample_size=128,
        scaling_factor=1.0,
    )
    for name, module in vae.named_modules():
        if name.endswith(".conv2"):
            torch.nn.init.zeros_(module.weight)
            torch.nn.init.zeros_(module.bias)
        elif name.endswith(("samplers.0.conv", "conv_shortcut", "conv_in")):
            torch.nn.init.kaiming_normal_(module.weight, nonlinearity="linear")
            torch.nn.init.zeros_(module.bias)
    return vae


class VaeRun:
    """An autoencoder under training; `finish` whitens its latents and saves it."""

    def __init__(self, place: Workplace, plan: VaePlan, workers: Workers, vae=None):
        self.place, self.plan, self.workers, self.steps = place, plan, workers, 0
        self.pictures = np.concatenate([load_look(place, look)[1] for look in LOOKS])
        torch.manual_seed(0)
        self.vae = (vae or new_vae()).to(memory_format=torch.channels_last).train()
        self.mean = type(self.vae).from_config(self.vae.config).requires_grad_(False)
        self.mean.load_state_dict(self.vae.state_dict())
        kernels = [p for p in self.vae.parameters() if p.ndim >= 2 and min(p.shape[0], p[0].numel()) >= 8]
        known = {id(p) for p in kernels}
        others = [p for p in self.vae.parameters() if id(p) not in known]
        self.optimiser = Muon(kernels, others, plan.lr, plan.lr / 5)
        self.rng, self.draws = seeds(workers.rank, 0)

    def train(self, seconds: float, log: Log) -> None:
        clock, share = Clock(seconds), 0.0
        while share < 1:
            if self.steps % SYNC_EVERY == 0:
                share = self.workers.agree(clock.share)
            set_rate(self.optimiser, rate(share, self.steps, 30, self.plan.hold))
            log.add(**self.step())
            if self.steps % 50 == 0:
                log.line(phase="vae", steps=self.steps)
        if self.workers.leads:
            self.finish()

    def step(self) -> dict[str, float]:
        pictures = self.batch(whole=self.steps % 4 == 3)
        with torch.autocast("cpu", torch.bfloat16):
            guess = self.vae.encode(pictures).latent_dist
            drawn = self.vae.decode(guess.sample()).sample.float()
        loss = picture_loss(drawn, pictures) + self.plan.kl * guess.kl().mean() / guess.mean[0].numel()
        loss.backward()
        self.optimiser.step()
        self.optimiser.zero_grad(set_to_none=True)
        self.steps += 1
        if self.steps % SYNC_EVERY == 0:
            self.workers.average(list(self.vae.parameters()))
            keep = min(self.plan.averaged, self.steps / (self.steps + 20))
            torch._foreach_lerp_(list(self.mean.parameters()), list(self.vae.parameters()), 1 - keep)
        return {"psnr": 10 * math.log10(4 / (drawn - pictures).square().mean().item())}

    def batch(self, whole: bool):
        """Random pictures on random backgrounds (B, 3, S, S) in -1..1."""
        count, side = (max(1, self.plan.batch // 4), 128) if whole else (self.plan.batch, CROP)
        pixels = np.stack([self._crop(index, side) for index in self.draws.integers(0, len(self.pictures), count)])
        tensor = torch.from_numpy(pixels).permute(0, 3, 1, 2) * 2 - 1
        return tensor.contiguous(memory_format=torch.channels_last)

    def finish(self) -> None:
        whiten(self.mean, torch.cat([self.batch(whole=True) for _ in range(200)]))
        self.mean.save_pretrained(self.place.vae)

    def _crop(self, index: int, side: int) -> np.ndarray:
        paper = (255, 255, 255) if self.draws.random() < 0.6 else tuple(self.draws.integers(0, 256, 3))
        picture = on_background(self.pictures[index].astype(np.float32) / 255, paper)
        picture = picture[:, ::-1] if self.draws.random() < 0.5 else picture
        top, left = self.draws.integers(0, 128 - side + 1, 2)
        return picture[top : top + side, left : left + side].copy()


def picture_loss(drawn, wanted):
    """Absolute and squared error, edges at three scales, and colour differences fine and coarse."""
    gap = drawn - wanted
    colour = torch.stack([gap[:, 0] - gap[:, 1], gap[:, 2] - (gap[:, 0] + gap[:, 1]) / 2], 1)
    coarse = functional.avg_pool2d(gap, 8).square().mean() + functional.avg_pool2d(colour, 4).square().mean()
    edges = sum(_edges(functional.avg_pool2d(gap, scale)) for scale in (1, 2, 4))
    return (
        gap.abs().mean() + gap.square().mean() + edges / 4 + colour.abs().mean() + colour.square().mean() + 3 * coarse
    )


def _edges(gap):
    return gap.diff(dim=-1).abs().mean() + gap.diff(dim=-2).abs().mean()


@torch.no_grad()
def whiten(vae, pictures) -> None:
    """Fold a rotation and scaling into the quant convolutions so that latents are about N(0, 1); pixels stay equal."""
    latents = torch.cat([vae.encode(chunk).latent_dist.mean for chunk in pictures.split(16)])
    flat = latents.permute(1, 0, 2, 3).reshape(4, -1)
    centre, (spread, axes) = flat.mean(1), torch.linalg.eigh(torch.cov(flat))
    narrow = torch.diag(spread.clamp_min(1e-4).rsqrt()) @ axes.T
    into, out = vae.quant_conv, vae.post_quant_conv
    into.weight[:4, :, 0, 0] = narrow @ into.weight[:4, :, 0, 0].clone()
    into.bias[:4] = narrow @ (into.bias[:4] - centre)
    # The log-variances are only used in training; shift them by the mean scale.
    into.bias[4:] += 2 * spread.clamp_min(1e-4).rsqrt().log().mean()
    weight = out.weight[:, :, 0, 0].clone()
    out.weight[:, :, 0, 0] = weight @ torch.linalg.inv(narrow)
    out.bias += weight @ centre
