"""What the live preview costs: the same pictures with and without it, side by side, in CPU seconds.

    python -m benchmarks.preview [--pictures 16] [--steps 20]

The engine alone, no site around it, and with what the site does with a preview (Redis, channel layer). The two ways
take turns picture by picture, so that both meet the same machine. Goal: less than 2 %.
"""

import argparse
import dataclasses
import os
import statistics
import time

from benchmarks import world


def spec_of(version, steps, every, upscale=1):
    from generation.models import Job
    from generation.recipes import specs

    job = Job(version=version, prompt="a red apple", seed=1, steps=steps, guidance=3.0, sampler="dpmpp_2m")
    job.width, job.height, job.count, job.upscale = 128, 128, 1, upscale
    return dataclasses.replace(specs.render_spec(job), preview_every=every)


def cpu_of(deed):
    """(CPU seconds, wall seconds) of `deed()`, all threads."""
    wall, cpu = time.perf_counter(), time.process_time()
    deed()
    return time.process_time() - cpu, time.perf_counter() - wall


def compare(draw, pictures):
    """CPU seconds of both ways, as lists in the order drawn. `draw(with_preview, seed)`."""
    costs = {True: [], False: []}
    for seed in range(pictures):
        for way in (True, False) if seed % 2 else (False, True):
            costs[way].append(cpu_of(lambda way=way, seed=seed: draw(way, seed))[0])
    return costs


def report(name, costs):
    on, off = (statistics.median(costs[way]) for way in (True, False))
    pairs = [one / other - 1 for one, other in zip(costs[True], costs[False], strict=True)]
    added = statistics.median(pairs)
    print(f"{name:<22} off {off * 1000:6.0f} ms   on {on * 1000:6.0f} ms   preview adds {added * 100:+.2f} %")
    return added


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pictures", type=int, default=16)
    parser.add_argument("--steps", type=int, default=20)
    options = parser.parse_args()
    os.environ["OMP_NUM_THREADS"] = "1"
    _redis, owner = world.set_up()
    from generation.rendering import resident
    from generation.watching import progress

    engine, version = resident.engine(), world.starter()
    specs = {True: spec_of(version, options.steps, 4), False: spec_of(version, options.steps, 0)}
    heard = {"previews": 0}

    def silent(event):
        heard["previews"] += bool(event.preview)

    def told(event):
        shown = {"stage": event.stage, "step": event.step, "steps": event.steps, "preview": event.preview}
        # Without previews a step is told as often, with nothing in it.
        if event.stage != "denoising" or event.preview or event.step % 4 == 0:
            progress.say(owner.pk, **shown)

    def drawing(listener):
        def draw(way, seed):
            engine.render(dataclasses.replace(specs[way], seeds=(seed,)), listener)

        return draw

    drawing(silent)(True, 0)
    alone = report("engine alone", compare(drawing(silent), options.pictures))
    whole = report("with what is told", compare(drawing(told), options.pictures))
    print(f"previews seen: {heard['previews']}; goal 2 %: {'met' if max(alone, whole) < 0.02 else 'not met'}")


if __name__ == "__main__":
    main()
