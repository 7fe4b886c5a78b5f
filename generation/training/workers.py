"""One or several single-thread processes that share a training run.

Two processes of one thread each, averaging their weights every few steps, kept working at full speed while other
programs used the machine; two threads inside one process lost most of their time waiting for each other.
"""

import os
import subprocess
import sys
from pathlib import Path

SYNC_EVERY = 4  # steps between averagings


class Workers:
    """This process's place among its fellows (torchrun's RANK and WORLD_SIZE variables)."""

    def __init__(self) -> None:
        import torch
        import torch.distributed as dist

        self.rank, self.count = int(os.environ.get("RANK", "0")), int(os.environ.get("WORLD_SIZE", "1"))
        torch.set_num_threads(1)
        if self.count > 1 and not dist.is_initialized():
            dist.init_process_group("gloo")

    @property
    def leads(self) -> bool:
        return self.rank == 0

    def average(self, tensors) -> None:
        """Replace every tensor by its mean over the processes."""
        if self.count == 1:
            return
        import torch
        import torch.distributed as dist

        flat = torch.cat([tensor.data.reshape(-1) for tensor in tensors])
        dist.all_reduce(flat)
        flat /= self.count
        for tensor, part in zip(tensors, flat.split([t.numel() for t in tensors]), strict=True):
            tensor.data.copy_(part.view_as(tensor))

    def agree(self, value: float) -> float:
        """The first process's value, so that all stop at the same step."""
        if self.count == 1:
            return value
        import torch
        import torch.distributed as dist

        shared = torch.tensor([value], dtype=torch.float64)
        dist.broadcast(shared, 0)
        return shared.item()


def launch(arguments: list[str], workers: int, port: int = 29511) -> int:
    """Run `python -m generation.training` in `workers` processes; the exit code of the first that failed, else 0."""
    command = [sys.executable, "-W", "ignore", "-u", "-m", "generation.training", *arguments]
    processes = [subprocess.Popen(command, env=_environment(rank, workers, port)) for rank in range(workers)]
    codes = [process.wait() for process in processes]
    return next((code for code in codes if code), 0)


def _environment(rank: int, workers: int, port: int) -> dict[str, str]:
    ours = {
        "RANK": str(rank), "WORLD_SIZE": str(workers), "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port),
        "GLOO_SOCKET_IFNAME": "lo", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "TOKENIZERS_PARALLELISM": "false",
    }  # fmt: skip
    # glibc's malloc gives big blocks back to the kernel at every step: up to 66 % system time. tcmalloc keeps them.
    tcmalloc = Path("/usr/lib/x86_64-linux-gnu/libtcmalloc_minimal.so.4")
    if tcmalloc.exists():
        ours |= {"LD_PRELOAD": str(tcmalloc), "TCMALLOC_LARGE_ALLOC_REPORT_THRESHOLD": "10000000000"}
    return os.environ | ours
