"""Trains a LoRA that gives a checkpoint another look, in the file layout `load_lora_weights` reads."""

from dataclasses import dataclass
from pathlib import Path

import torch

from generation.training.latents import load_training_set
from generation.training.pipeline import load_pipeline, signal_levels
from generation.training.places import Workplace
from generation.training.running import Clock, Log, rate, seeds, set_rate
from generation.training.unet_training import CaptionPool, velocity_loss

# Attention, feed-forward and the convolutions: shapes change from shaded to outlined, which attention alone can't do.
TARGETS = [
    "to_q", "to_k", "to_v", "to_out.0", "ff.net.0.proj", "ff.net.2", "proj_in", "proj_out",
    "conv1", "conv2", "conv_in", "conv_out",
]  # fmt: skip


@dataclass(frozen=True)
class LoraPlan:
    """Settings of a LoRA run."""

    batch: int = 24
    rank: int = 16
    lr: float = 2e-3
    warm_up: int = 20
    hold: float = 0.4
    pool: int = 1536
    fresh: int = 6


class LoraRun:
    """A LoRA under training on top of a finished pipeline."""

    def __init__(self, place: Workplace, look: str, base: Path, plan: LoraPlan):
        from peft import LoraConfig

        self.plan, self.steps = plan, 0
        self.pipeline = load_pipeline(base)
        self.unet = self.pipeline.unet.requires_grad_(False).train()
        torch.manual_seed(0)
        self.unet.add_adapter(
            LoraConfig(r=plan.rank, lora_alpha=plan.rank, init_lora_weights="gaussian", target_modules=TARGETS)
        )
        self.weights = [p for p in self.unet.parameters() if p.requires_grad]
        self.optimiser = torch.optim.AdamW([{"params": self.weights, "base": plan.lr}], weight_decay=0.0)
        rng, draws = seeds(0, 0)
        self.pool = CaptionPool(
            load_training_set(place, look), _Encoder(self.pipeline.text_encoder), self.pipeline.tokenizer,
            plan.pool, rng, draws,
        )  # fmt: skip
        self.signal = signal_levels()

    def step(self) -> dict[str, float]:
        self.pool.refresh(self.plan.fresh)
        error, loss = velocity_loss(self.unet, *self.pool.pick(self.plan.batch), self.signal)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.weights, 1.0)
        self.optimiser.step()
        self.optimiser.zero_grad(set_to_none=True)
        self.steps += 1
        return {"error": error.item(), "loss": loss.item()}

    def train(self, seconds: float, log: Log) -> None:
        clock = Clock(seconds)
        while clock.share < 1:
            set_rate(self.optimiser, rate(clock.share, self.steps, self.plan.warm_up, self.plan.hold))
            log.add(**self.step())
            if self.steps % 25 == 0:
                log.line(phase="lora", steps=self.steps, samples=self.steps * self.plan.batch)

    def save(self, folder: Path) -> None:
        """Write pytorch_lora_weights.safetensors in float16."""
        from diffusers import StableDiffusionPipeline
        from diffusers.utils import convert_state_dict_to_diffusers
        from peft.utils import get_peft_model_state_dict

        layers = convert_state_dict_to_diffusers(get_peft_model_state_dict(self.unet))
        layers = {name: value.half().contiguous() for name, value in layers.items()}
        StableDiffusionPipeline.save_lora_weights(folder, unet_lora_layers=layers, safe_serialization=True)


@dataclass(frozen=True)
class _Encoder:
    """A text encoder in the shape CaptionPool expects."""

    encoder: torch.nn.Module
