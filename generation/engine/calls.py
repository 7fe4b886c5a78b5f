"""One call: members whose specs agree in all but words, seeds and pictures, drawn together."""

import time
from contextlib import ExitStack, contextmanager, suppress

from . import controls, drawing, embeddings, facts, masks, pipelines, prompts, runtime, sources, upscalers, vaes
from .decoding import decode, encode
from .drawing import Row
from .errors import Cancelled
from .loras import worn


class Call:
    """Draws for its shares as far as it gets; can be tried again, and then does only what is not done yet.

    `at_once`: how many pictures are denoised together.
    """

    def __init__(self, engine, shares):
        self.engine, self.shares, self.spec = engine, shares, shares[0].spec
        self.at_once, self._trying, self._made_room = drawing.BATCH_PICTURES, 1, False

    @property
    def active(self):
        return [share for share in self.shares if not share.over]

    def attempt(self):
        """Draw what is missing. Raises what ends all: a model that cannot be loaded, memory running out."""
        try:
            if self.spec.task == "upscale":
                self._take_sources()
            else:
                self._draw_all()
            for share in self.active:
                self._finish(share)
        except Cancelled:  # the last one left while pictures were drawn; each share knows
            pass

    def halve(self):
        """After memory has run out: draw fewer at once. False when that was tried already."""
        if self._trying == 1 and self._made_room:
            return False
        self.at_once, self._made_room = max(1, self._trying // 2), True
        return True

    def _take_sources(self):
        for share in self.active:
            share.drawn[0] = sources.opaque(share.spec.source)
            share.facts = facts.of_enlarging(self.engine, share.spec)

    def _draw_all(self):
        self._tell_all("loading", 0)
        if not self.active:
            return
        started = time.perf_counter()
        with self.engine.cache.use(self.spec.checkpoint) as (loaded, hit):
            if not hit:
                # The others found it loaded.
                self.active[0].seconds["load"] += time.perf_counter() - started
                self.active[0].cache_hit = False
            self._tell_all("loading", 1)
            if not self.active:  # cancelled meanwhile: nothing is put on for nobody
                return
            with runtime.using_threads(self.engine.threads_for(loaded.pipeline)):
                self._draw(loaded)

    def _tell_all(self, stage, step):
        for share in self.active:
            share.tell(stage, step, 1)

    def _draw(self, loaded):
        base = loaded.pipeline
        with ExitStack() as dress:
            with self._clock("load", self.active):
                renamed, network = self._dress(base, dress)
                pipeline = pipelines.assembled(base, self.spec.task, network)
            rows = self._rows(base, renamed)
            for batch in self._batches(rows):
                self._draw_batch(pipeline, loaded, batch)

    def _dress(self, base, dress):
        """Put on what the specs ask for; returns how prompts are to be read, and the ControlNet."""
        spec, engine = self.spec, self.engine
        dress.enter_context(worn(base, spec.loras, spec.checkpoint))
        dress.enter_context(vaes.exchanged(base, spec.vae, spec.checkpoint, engine.cache))
        renamed = dress.enter_context(embeddings.known(base, spec.embeddings, spec.checkpoint))
        return renamed, dress.enter_context(controls.control_net(base, spec.control, spec.checkpoint, engine.cache))

    def _rows(self, base, renamed):
        """What is still to be drawn, words and sources encoded once for all pictures of a share."""
        rows = []
        with self._clock("denoise", self.active):
            for share in self.active:
                share.facts = facts.of_share(self.engine, base, share.spec, renamed)
                encoded = self._encoded(base, share.spec, renamed)
                missing = [index for index in range(share.pictures) if index not in share.drawn]
                rows += [Row(share, index, share.spec.seeds[index], **encoded) for index in missing]
        return rows

    def _encoded(self, base, spec, renamed):
        script = prompts.script(renamed(spec.prompt), renamed(spec.negative_prompt), spec.steps_run)
        moments = prompts.encode_script(base, script, spec.clip_skip)
        canvas, inpainting = sources.canvas(spec), pipelines.is_inpainting(base)
        canvas = canvas or (sources.blank(spec.size) if inpainting else None)
        cells = masks.cells(canvas.mask) if canvas and canvas.mask else None
        if inpainting and cells is None:
            cells = masks.nowhere_kept(spec.size)
        return {
            "words": moments[0].words,
            "moments": () if prompts.is_plain(script) else moments,
            "canvas": canvas,
            "latents": encode(base, canvas.picture) if canvas else None,
            "cells": cells,
            "kept": encode(base, masks.remains(canvas.picture, cells)) if canvas and inpainting else None,
            "guide": sources.covering(sources.opaque(spec.control_image), spec.size) if spec.control else None,
        }

    def _batches(self, rows):
        """Rows that are drawn at once: prompts of different length have states of different length."""
        lengths: dict[tuple, list] = {}
        for row in rows:
            lengths.setdefault(row.lengths, []).append(row)
        width, height = self.spec.size
        limit = min(self.at_once, drawing.at_most(width, height, self.engine.free_bytes()))
        for alike in lengths.values():
            yield from drawing.batches(alike, width, height, limit)

    def _draw_batch(self, pipeline, loaded, batch):
        batch = [row for row in batch if row.share.failure is None]
        if not batch:
            return
        self._trying = len(batch)
        with self._clock("denoise", [row.share for row in batch]):
            drawn = drawing.denoise(pipeline, loaded.scheduler_config, self.spec, batch, teller(loaded.preview))
        for row, latent in drawn:
            if row.share.failure is None:
                row.share.facts |= facts.of_drawing(pipeline, loaded.dtype, len(batch))
                self._decode(loaded.pipeline, row, latent)
                # Whoever waits for it need not wait for the rest; what follows is not this checkpoint's work.
                with runtime.using_threads(self.engine.hardware.threads):
                    self._finish(row.share)

    def _decode(self, base, row, latent):
        row.share.tell("decoding", row.index, row.share.pictures, row.index)
        if row.share.failure is not None:
            return
        with self._clock("decode", [row.share]):
            image = decode(base, latent)
            row.share.drawn[row.index] = row.canvas.finish(image) if row.canvas else image
        row.share.tell("decoding", row.index + 1, row.share.pictures, row.index)

    def _finish(self, share):
        """The pictures of one share, enlarged if that was asked."""
        enlarges = share.spec.upscale > 1 or share.spec.task == "upscale"
        for index, image in sorted(share.drawn.items()):
            if share.failure is None and index not in share.finished:
                finished = self._enlarged(share, index, image) if enlarges else image
                if share.failure is None:
                    share.give(index, finished)

    def _enlarged(self, share, index, image):
        name = share.spec.upscaler

        def on_tile(done, of):
            share.tell("upscaling", done, of, index)
            if share.failure is not None:
                raise Cancelled()

        with self._clock("upscale", [share]), suppress(Cancelled):
            return upscalers.upscale(self.engine.upscaler(name), image, upscalers.SHAPES[name], on_tile)

    @contextmanager
    def _clock(self, stage, shares):
        """Whoever is drawn together shares the time by the number of pictures."""
        started = time.perf_counter()
        try:
            yield
        finally:
            for share in shares:
                share.seconds[stage] += (time.perf_counter() - started) / len(shares)


def teller(preview):
    """What `drawing.denoise` calls after each step: every share hears of its own pictures alone."""

    def on_step(done, of, rows, denoised):
        places: dict = {}
        for place, row in enumerate(rows):
            places.setdefault(row.share, []).append(place)
        for share, own in places.items():
            every = share.spec.preview_every if preview else 0
            shown = share.failure is None and every and done % every == 0 and done < of
            seen = preview.draw(denoised[own]) if shown else None
            share.tell("denoising", done, of, rows[own[0]].index, seen, len(own))
        return [row.share.failure is None for row in rows]

    return on_step
