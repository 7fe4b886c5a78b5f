"""What the site adds to a picture: the same pictures through the running site and through bare diffusers.

    python -m benchmarks.overhead [--pictures 20] [--steps 20]

The two take turns, with the same threads, so that both meet the same machine. Goal: a resident checkpoint adds less
than 3 % of the bare call plus 100 ms.
"""

import argparse
import statistics
import time

from benchmarks import world


def bare_pipeline(threads):
    """diffusers' own pipeline on the starter checkpoint; returns draw(seed, steps) -> seconds."""
    import torch
    from diffusers import DPMSolverMultistepScheduler, StableDiffusionPipeline

    torch.set_num_threads(threads)
    folder = world.ROOT / "models_hub" / "starter" / "starter-3d"
    pipe = StableDiffusionPipeline.from_pretrained(folder, torch_dtype=torch.float32, local_files_only=True)
    pipe.scheduler = DPMSolverMultistepScheduler.from_config(pipe.scheduler.config)
    pipe.set_progress_bar_config(disable=True)

    def draw(seed, steps):
        began = time.perf_counter()
        generator = torch.Generator("cpu").manual_seed(seed)
        pipe("a red apple", num_inference_steps=steps, guidance_scale=3.0, generator=generator, width=128, height=128)
        return time.perf_counter() - began

    return draw


def site_job(owner, seed, steps, upscale=1):
    """One job from the submit to the committed picture. Returns (seconds, the job)."""
    from generation import services
    from generation.models import Job

    began = time.time()
    job = services.submit_job(
        owner=owner,
        version=world.starter(),
        prompt="a red apple",
        seed=seed,
        steps=steps,
        upscale=upscale,
        guidance=3.0,
    )
    while not Job.objects.filter(pk=job.pk, state__in=["done", "failed"]).exists():
        # Seldom: asking takes time from the core beside the one that draws. The row says when it was done.
        time.sleep(0.1)
    job.refresh_from_db()
    took = job.finished_at.timestamp() - began
    assert job.state == "done", job.failure
    return took, job


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pictures", type=int, default=20)
    parser.add_argument("--steps", type=int, default=20)
    options = parser.parse_args()
    # What the engine chooses for a checkpoint as small as the starter (generation/engine/hardware.py).
    threads = 1
    _redis, owner = world.set_up()
    world.start_worker()
    cold, first = site_job(owner, 1, options.steps)
    draw = bare_pipeline(threads)
    draw(1, options.steps)

    rows = []
    for seed in range(2, options.pictures + 2):
        bare = draw(seed, options.steps)
        site, job = site_job(owner, seed, options.steps)
        rows.append((bare, site, job.seconds))
    report(rows, cold, first)
    site_job(owner, 1, options.steps, upscale=4)
    whole = [site_job(owner, seed, options.steps, upscale=4) for seed in range(2, 9)]
    print(f"newcomer's job: enlarged 4 times {statistics.median(took for took, _job in whole) * 1000:7.0f} ms")
    print_parts([job.seconds for _took, job in whole])


def print_parts(jobs):
    for name in jobs[0]:
        print(f"  of it {name:<10}       {statistics.median(job[name] for job in jobs) * 1000:7.0f} ms")


def report(rows, cold, first):
    bare, site = (statistics.median(row[place] for row in rows) for place in (0, 1))
    resident = statistics.median(row[2]["load"] for row in rows)
    print(f"pictures                 {len(rows)}")
    print(f"bare diffusers           {bare * 1000:7.0f} ms")
    print(f"through the site         {site * 1000:7.0f} ms   ratio {site / bare:.3f}")
    print(f"added                    {(site - bare) * 1000:7.0f} ms   goal {0.03 * bare * 1000 + 100:.0f} ms")
    print_parts([row[2] for row in rows])
    loads = f"load {first.seconds['load'] * 1000:.0f} ms; of a resident one {resident * 1000:.0f} ms"
    print(f"first job (cold load)    {cold * 1000:7.0f} ms, {loads}")


if __name__ == "__main__":
    main()
