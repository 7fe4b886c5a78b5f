"""Processes that draw the same jobs in different ways, for benchmarks.switching."""

import multiprocessing
import os
import time
from pathlib import Path

FAMILY, DTYPE, GUIDANCE = "sd1", "bfloat16", 7.0
PROMPT, NEGATIVE = "a lighthouse above a stormy sea, oil painting", "blurry"
ROOM = {"engine": 3.2, "engine 1": 1.2}  # checkpoints that fit in the cache


class Player:
    """A child process that answers `ask(method, *arguments)` with a dict; adds what that cost."""

    def __init__(self, kind, folder, steps, side):
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=serve, args=(theirs, kind, folder, steps, side), daemon=True)
        self._process.start()
        theirs.close()  # so that a child that dies is noticed here
        self._pipe.recv()  # imports are done

    def ask(self, method, *arguments):
        """The answer, with "cpu" and "wall" seconds and "peak_anonymous" bytes of the process meanwhile."""
        self._pipe.send((method, arguments))
        peak = anonymous(self._process.pid)
        while not self._pipe.poll(0.02):
            peak = max(peak, anonymous(self._process.pid))
        answer = self._pipe.recv()
        if "error" in answer:
            raise RuntimeError(answer["error"])
        return answer | {"peak_anonymous": max(peak, anonymous(self._process.pid))}

    def close(self):
        self._pipe.send(None)
        self._process.join(30)


def anonymous(pid):
    """Bytes of memory that belong to no file (RssAnon)."""
    with open(f"/proc/{pid}/status") as status:
        line = next((line for line in status if line.startswith("RssAnon")), "RssAnon: 0 kB")
    return int(line.split()[1]) * 1024


def serve(pipe, kind, folder, steps, side):
    from generation.engine import runtime

    runtime.prepare(1)
    makers = {"maker": Maker, "floor": Floor, "reload": Reload}
    player = makers.get(kind, Ours)(kind, Path(folder), steps, side)
    pipe.send("ready")
    while message := pipe.recv():
        method, arguments = message
        cpu, wall = time.process_time(), time.perf_counter()
        try:
            answer = getattr(player, method)(*arguments)
        except Exception as error:
            answer = {"error": repr(error)}
        pipe.send({"cpu": time.process_time() - cpu, "wall": time.perf_counter() - wall, **answer})


def ref_of(folder, number):
    from generation.engine.spec import CheckpointRef

    path = folder / f"random-{number}.safetensors"
    return CheckpointRef(f"random-{number}", str(path), "single", FAMILY, name=path.stem)


class _Drawing:
    def __init__(self, kind, folder, steps, side):
        self.kind, self.folder, self.steps, self.side = kind, folder, steps, side

    def sidecars(self):
        from generation.engine.sidecars import Sidecars

        return Sidecars(self.folder / "sidecars", max_bytes=10**11)

    def bare(self, pipeline, seed):
        """What diffusers alone does for the job."""
        import torch
        from diffusers import EulerDiscreteScheduler

        pipeline.set_progress_bar_config(disable=True)
        pipeline.scheduler = EulerDiscreteScheduler.from_config(pipeline.scheduler.config)
        return pipeline(
            PROMPT, negative_prompt=NEGATIVE, num_inference_steps=self.steps, guidance_scale=GUIDANCE,
            width=self.side, height=self.side, generator=torch.Generator().manual_seed(seed),
        ).images[0]  # fmt: skip


class Maker(_Drawing):
    def checkpoint(self, number):
        from generation.engine.originals import CONFIGS
        from tests.engine import tiny

        path = Path(ref_of(self.folder, number).path)
        fresh = not path.exists()
        if fresh:
            tiny.write_single(CONFIGS, FAMILY, path.with_suffix(".part"), seed=number)
            os.replace(path.with_suffix(".part"), path)
        return {"fresh": fresh, "bytes": path.stat().st_size}

    def sidecar(self, number):
        fresh = self.sidecars().find(ref_of(self.folder, number), DTYPE) is None
        made = self.sidecars().write(ref_of(self.folder, number), DTYPE)
        return {"fresh": fresh, "bytes": sum(made.identities.values())}


class Floor(_Drawing):
    """Everything loaded once and kept."""

    def __init__(self, *settings):
        super().__init__(*settings)
        self.pipelines = {}

    def draw(self, number, seed):
        hit = number in self.pipelines
        if not hit:
            from generation.engine.loading import from_sidecar
            from generation.engine.sharing import Shelf

            ref = ref_of(self.folder, number)
            self.pipelines[number] = from_sidecar(ref, self.sidecars().find(ref, DTYPE), Shelf())
        return {"pixels": self.bare(self.pipelines[number], seed).tobytes(), "hit": hit, "bound": 0}


class Reload(_Drawing):
    """The file as uploaded, for every job anew."""

    def draw(self, number, seed):
        from generation.engine import originals, runtime

        image = self.bare(originals.read(ref_of(self.folder, number), DTYPE), seed)
        runtime.release_memory()
        return {"pixels": image.tobytes(), "hit": False, "bound": 0}


class Ours(_Drawing):
    """The Engine; "engine 1" has room for one checkpoint only."""

    def __init__(self, *settings):
        super().__init__(*settings)
        from generation.engine.runner import Engine

        sidecars = self.sidecars()
        one = sum(sidecars.find(ref_of(self.folder, 0), DTYPE).identities.values())
        bound = int(one * ROOM[self.kind])
        self.engine = Engine(
            weights_dir=self.folder, cache_bytes=bound, device="cpu", threads=1, dtype=DTYPE, sidecars=sidecars
        )

    def draw(self, number, seed):
        from generation.engine.spec import RenderSpec

        spec = RenderSpec(
            ref_of(self.folder, number), PROMPT, (seed,), negative_prompt=NEGATIVE, steps=self.steps,
            guidance=GUIDANCE, sampler="euler", width=self.side, height=self.side,
        )  # fmt: skip
        rendered = self.engine.render(spec)
        return {
            "pixels": rendered.images[0].tobytes(),
            "hit": rendered.cache_hit,
            "bound": self.engine.cache.max_bytes,
            "held": self.engine.cache.bytes,
        }

    def switch(self, number, cold):
        """Load one checkpoint in place of the other, and draw with it twice."""
        ref, told = ref_of(self.folder, number), {}
        sidecar = self.sidecars().find(ref, DTYPE)
        if cold:
            forget_pages(sidecar.files)
        for part in ("load", "first", "second"):
            cpu, wall = time.process_time(), time.perf_counter()
            if part == "load":
                with self.engine.cache.use(ref):
                    pass
            else:
                self.draw(number, 1)
            told |= {f"{part}_cpu": time.process_time() - cpu, f"{part}_wall": time.perf_counter() - wall}
        return told


def forget_pages(files):
    """Have the system drop what it keeps of these files in memory (nobody may have them mapped)."""
    for file in files:
        with file.open("rb") as stream:
            os.fsync(stream.fileno())
            os.posix_fadvise(stream.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
