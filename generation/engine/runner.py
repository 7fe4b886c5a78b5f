"""The engine a worker process owns: specs in, pictures out, checkpoints kept warm between them."""

import time
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from threading import Lock

from . import drawing, hardware, loading, runtime, upscalers
from .cache import CheckpointCache
from .decoding import decode
from .errors import Cancelled, OutOfMemory
from .events import Event
from .integrity import Verifier
from .loras import worn
from .samplers import build_scheduler


@dataclass(frozen=True)
class Rendered:
    """Pictures in the order of the seeds. `facts` say with what they were made, in plain JSON values."""

    images: list
    seconds: dict
    cache_hit: bool
    facts: dict


class Engine:
    """Renders one spec at a time. Building one imports torch, which takes seconds.

    weights_dir: where fetch_models puts the upscalers. cache_bytes: how much may stay loaded (None: half
    of the free memory). device: "cpu" or "cuda" (None: a card if there is one). threads: None for one per
    core, or a single one for small checkpoints. dtype: "float32", "bfloat16", "float16" (None: what the device
    computes fastest, see hardware.detect). sidecars: the Sidecars to load from and to add to (None: checkpoints are
    read as uploaded). configs: folder with the layer sizes of the single-file families, other than the one that
    ships, for tests.
    """

    def __init__(
        self, *, weights_dir, cache_bytes=None, device=None, threads=None, dtype=None, sidecars=None, configs=None
    ):
        self._asked_threads = threads
        runtime.prepare(threads or hardware.default_threads())
        self.hardware = hardware.detect(device, threads, dtype)
        bound = hardware.default_cache_bytes(self.hardware) if cache_bytes is None else cache_bytes
        self._verifier = Verifier()
        self._loader = loading.Loader(self.hardware, bound, self._verifier, sidecars, configs or loading.CONFIGS)
        self.cache = CheckpointCache(self._loader.load, self._loader.size_of, bound)
        self._weights_dir = weights_dir
        self._upscaler = (None, None)
        self._lock = Lock()

    def render(self, spec, on_event=lambda event: True):
        """Draw a RenderSpec. Returns Rendered; raises an EngineError, or whatever `on_event` raises.

        `on_event(Event)` is called at every step, decoded picture and upscaled tile; returning False
        raises Cancelled there. When memory runs out the others are evicted and it is tried once more,
        one picture at a time.
        """
        with self._lock:
            try:
                return _Render(self, spec, on_event).run()
            except Exception as error:
                if not runtime.is_out_of_memory(error):
                    raise
            # Outside the except block: its traceback would keep the tensors of the failed try alive.
            self._give_way(spec.checkpoint.key)
            try:
                return _Render(self, spec, on_event, at_once=1).run()
            except Exception as error:
                if not runtime.is_out_of_memory(error):
                    raise
            self._give_way(None)
            raise OutOfMemory()

    def render_many(self, members):
        """Draw for several Members. Returns Rendered or the exception of each, in their order.

        What fails for one, cancelling included, fails for that one alone.
        """
        return [self._outcome(member) for member in members]

    def _outcome(self, member):
        try:
            return self.render(member.spec, member.on_event)
        except Exception as error:
            return error

    def report(self):
        """Figures for the operator: device, dtype, threads, cache, memory in bytes."""
        return {
            "device": self.hardware.device,
            "dtype": self.hardware.dtype,
            "threads": self.hardware.threads,
            "cache": self.cache.report(),
            "memory": {"process": runtime.resident_bytes(), "free": hardware.free_memory()},
        }

    def threads_for(self, pipeline):
        """Threads for drawing with this checkpoint; what the operator has set is kept to."""
        return self._asked_threads or hardware.threads_for(pipeline.unet.num_parameters(), self.hardware)

    def upscaler(self, name):
        """The upscaling network of that name; one stays loaded (at most 70 MB)."""
        if self._upscaler[0] != name:
            self._upscaler = name, upscalers.load_upscaler(name, self._weights_dir, self.hardware.device)
        return self._upscaler[1]

    def _give_way(self, key):
        self._upscaler = (None, None)
        self.cache.evict_others(key)
        runtime.release_memory()

    def read_ahead(self, ref):
        """Have the disk read the next checkpoint while the present one draws. Returns whether that is under way.

        For a worker that knows its next job: call it from any thread, once, when that job's checkpoint differs from
        the one in use; it returns at once and takes no lock. What is resident, too large for the free memory or
        broken is left alone.
        """
        return ref.key not in self.cache and self._loader.read_ahead(ref)

    def verify_loras(self, loras):
        for lora in loras:
            self._verifier.check(lora.path, lora.sha256)


class _Render:
    """One render under way: its clock, its events and its results."""

    def __init__(self, engine, spec, on_event, at_once=drawing.BATCH_PICTURES):
        self.engine, self.spec, self.on_event, self.at_once = engine, spec, on_event, at_once
        self.seconds = dict.fromkeys(("load", "denoise", "decode", "upscale"), 0.0)

    def run(self):
        spec, engine = self.spec, self.engine
        engine.verify_loras(spec.loras)
        if spec.upscale > 1:
            engine.upscaler(spec.upscaler)  # a missing file is told before minutes of drawing
        self.tell("loading", 0, 1)
        started = time.perf_counter()
        with engine.cache.use(spec.checkpoint) as (loaded, hit):
            self.seconds["load"] += 0.0 if hit else time.perf_counter() - started
            self.tell("loading", 1, 1)
            with runtime.using_threads(engine.threads_for(loaded.pipeline)):
                images = self._draw(loaded)
            facts = self._facts(loaded)
        images = [self._upscale(index, image) for index, image in enumerate(images)] if spec.upscale > 1 else images
        return Rendered(images, {stage: round(value, 4) for stage, value in self.seconds.items()}, hit, facts)

    def tell(self, stage, step, steps, index=0, preview=None):
        if self.on_event(Event(stage, step, steps, index, preview)) is False:
            raise Cancelled()

    @contextmanager
    def clock(self, stage):
        started = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[stage] += time.perf_counter() - started

    def _draw(self, loaded):
        spec, images = self.spec, []
        with ExitStack() as dress:
            with self.clock("load"):
                dress.enter_context(worn(loaded.pipeline, spec.loras, spec.checkpoint))
            for first, seeds in drawing.batches(spec.seeds, spec.width, spec.height, self.at_once):
                with self.clock("denoise"):
                    on_step = self._step_teller(loaded, first)
                    latents = drawing.denoise(loaded.pipeline, loaded.scheduler_config, spec, seeds, on_step)
                images += [self._decode(loaded, first + place, latent) for place, latent in enumerate(latents)]
        return images

    def _step_teller(self, loaded, first):
        every = self.spec.preview_every if loaded.preview else 0

        def on_step(done, of, denoised):
            wanted = every and (done % every == 0) and done < of
            self.tell("denoising", done, of, first, loaded.preview.draw(denoised) if wanted else None)

        return on_step

    def _decode(self, loaded, index, latent):
        with self.clock("decode"):
            image = decode(loaded.pipeline, latent)
        self.tell("decoding", index + 1, len(self.spec.seeds), index)
        return image

    def _upscale(self, index, image):
        name = self.spec.upscaler
        with self.clock("upscale"):
            network = self.engine.upscaler(name)
            return upscalers.upscale(
                network, image, upscalers.SHAPES[name], lambda done, of: self.tell("upscaling", done, of, index)
            )

    def _facts(self, loaded):
        spec = self.spec
        tokens, limit = drawing.count_tokens(loaded.pipeline, spec.prompt)
        scheduler = build_scheduler(spec.sampler, loaded.scheduler_config)
        return {
            "sampler_config": {"class": type(scheduler).__name__, **plain(scheduler.config)},
            "dtype": loaded.dtype,
            "device": self.engine.hardware.device,
            "threads": self.engine.threads_for(loaded.pipeline),
            "versions": runtime.versions(),
            "prompt_tokens": tokens,
            "prompt_limit": limit,
            "prompt_truncated": tokens > limit,
            "upscaler": spec.upscaler if spec.upscale > 1 else "",
        }


def plain(config):
    """A scheduler's settings as JSON can hold them (infinities become text)."""
    kept = {}
    for name, value in config.items():
        if not name.startswith("_") and isinstance(value, str | bool | int | float | type(None)):
            kept[name] = str(value) if value in (float("inf"), float("-inf")) else value
    return kept
