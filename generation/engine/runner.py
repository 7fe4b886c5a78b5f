"""The engine a worker process owns: specs in, pictures out, checkpoints kept warm between them."""

import functools
from pathlib import Path
from threading import Lock

from . import hardware, loading, runtime, upscalers
from .cache import CheckpointCache
from .calibration import calibrated
from .calls import Call
from .errors import EngineError, OutOfMemory
from .extras import weight_file
from .integrity import Verifier
from .members import Member, Rendered, Share  # noqa: F401  part of what an engine is used with
from .spec import batch_key


class Engine:
    """Renders one spec at a time. Building one imports torch, which takes seconds.

    weights_dir: where fetch_models puts the upscalers. cache_bytes: how much may stay loaded (None: half
    of the free memory). device: "cpu" or "cuda" (None: a card if there is one). threads: None for one per
    core, or a single one for small checkpoints. dtype: "float32", "bfloat16", "float16" (None: what the device
    computes fastest, see hardware.detect). sidecars: the Sidecars to load from and to add to (None: checkpoints are
    read as uploaded). calibration: the file that remembers what this CPU computes faster (None: its flags decide).
    configs: folder with the layer sizes of the single-file families, other than the one that
    ships, for tests.
    """

    def __init__(
        self,
        *,
        weights_dir,
        cache_bytes=None,
        device=None,
        threads=None,
        dtype=None,
        sidecars=None,
        configs=None,
        calibration=None,
    ):
        self._asked_threads = threads
        runtime.prepare(threads or hardware.default_threads())
        measured = functools.partial(calibrated, calibration) if calibration else None
        self.hardware = hardware.detect(device, threads, dtype, measured)
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
        raises Cancelled there. When memory runs out the other checkpoints are evicted and fewer pictures are
        drawn at once.
        """
        outcome = self.render_many([Member(spec, on_event)])[0]
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    def render_many(self, members, fatal=()):
        """Draw for several Members; those with the same `batch_key` are drawn together. Returns, in their order,
        Rendered or the exception that ended the member, an EngineError or what its own `on_event` raised.

        What fails for one, cancelling included, fails for that one alone. `fatal`: exception classes that end the
        whole call instead and are raised, such as a worker's timeout.
        """
        shares = [Share(member, fatal) for member in members]
        alike: dict[str, list] = {}
        for share in shares:
            alike.setdefault(batch_key(share.spec), []).append(share)
        with self._lock:
            for group in alike.values():
                self._draw_together(group, fatal)
        return [share.outcome() for share in shares]

    def _draw_together(self, shares, fatal):
        call = Call(self, self._prepared(shares))
        error = self._attempt(call, fatal)
        while runtime.is_out_of_memory(error):
            error = None  # its traceback keeps the tensors of the failed try alive
            self._give_way(call.spec.checkpoint and call.spec.checkpoint.key)
            error = self._attempt(call, fatal) if call.halve() else OutOfMemory()
        if isinstance(error, OutOfMemory):
            self._give_way(None)
        if error is not None:
            self._fail_apart(call.active, error, fatal)

    def _attempt(self, call, fatal):
        """What ended an attempt too early, None when it went through."""
        try:
            return call.attempt()
        except fatal:
            raise
        except Exception as error:
            return error

    def _fail_apart(self, shares, error, fatal):
        """Not to fail the others of a group for the fault of one, each is drawn alone."""
        if len(shares) == 1 or isinstance(error, OutOfMemory):
            for share in shares:
                share.failure = error
        else:
            for share in shares:
                self._draw_together([share], fatal)

    def _prepared(self, shares):
        """The shares whose files are there and unchanged; the others fail now, before minutes of drawing."""
        for share in shares:
            try:
                self._verify(share.spec)
                if share.spec.upscale > 1 or share.spec.task == "upscale":
                    self.upscaler(share.spec.upscaler)
            except EngineError as error:
                share.failure = error
        return shares

    def report(self):
        """Figures for the operator: device, dtype, threads, cache, memory in bytes."""
        return {
            "device": self.hardware.device,
            "dtype": self.hardware.dtype,
            "threads": self.hardware.threads,
            # Checkpoints with a small UNet are drawn otherwise.
            "small": {
                "dtype": self.hardware.dtype_for(0),
                "threads": self._asked_threads or hardware.threads_for(0, self.hardware),
            },
            "cache": self.cache.report(),
            "memory": {"process": runtime.resident_bytes(), "free": hardware.free_memory()},
        }

    def free_bytes(self):
        """Memory that drawing could still take where the pictures are drawn."""
        if not self.hardware.device.startswith("cuda"):
            return hardware.free_memory()
        import torch

        return torch.cuda.mem_get_info(self.hardware.device)[0]

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

    def _verify(self, spec):
        for ref in (*spec.loras, *spec.embeddings, spec.vae, spec.control):
            if ref is not None:
                self._verifier.check(weight_file(Path(ref.path)), ref.sha256)
