"""The Muon optimiser: momentum whose matrices are made orthogonal before each step, AdamW for all else."""

import torch

# Keller Jordan's coefficients of the fifth-order Newton-Schulz iteration.
NEWTON_SCHULZ = (3.4445, -4.7750, 2.0315)


class Muon(torch.optim.Optimizer):
    """`matrices` are stepped by Muon at `lr`, `others` (embeddings, norms, biases) by Adam at `adam_lr`."""

    def __init__(self, matrices, others, lr=0.01, adam_lr=1e-3, momentum=0.95, betas=(0.9, 0.985), rounds=4):
        groups = [
            {"params": list(matrices), "muon": True, "base": lr},
            {"params": list(others), "muon": False, "base": adam_lr},
        ]
        super().__init__(groups, {"lr": lr, "momentum": momentum, "betas": betas, "rounds": rounds})

    @torch.no_grad()
    def step(self, closure=None):
        for group in self.param_groups:
            update = self._muon if group["muon"] else self._adam
            for parameter in group["params"]:
                if parameter.grad is not None:
                    update(parameter, group, self.state[parameter])

    def _muon(self, parameter, group, state):
        if not state:
            state["mean"] = torch.zeros_like(parameter)
        state["mean"].lerp_(parameter.grad, 1 - group["momentum"])
        push = orthogonal(parameter.grad.lerp(state["mean"], group["momentum"]), group["rounds"])
        rows, columns = parameter.shape[0], parameter.numel() // parameter.shape[0]
        parameter.add_(push, alpha=-group["lr"] * max(1, rows / columns) ** 0.5)

    def _adam(self, parameter, group, state):
        if not state:
            state.update(mean=torch.zeros_like(parameter), square=torch.zeros_like(parameter), steps=torch.tensor(0.0))
        state["steps"] += 1
        first, second = group["betas"]
        steps = int(state["steps"])
        state["mean"].lerp_(parameter.grad, 1 - first)
        state["square"].lerp_(parameter.grad.square(), 1 - second)
        scale = (state["square"] / (1 - second**steps)).sqrt_().add_(1e-8)
        parameter.addcdiv_(state["mean"] / (1 - first**steps), scale, value=-group["lr"])


def orthogonal(push: torch.Tensor, rounds: int) -> torch.Tensor:
    """The nearest half-orthogonal matrix, roughly; kernels are flattened to (out, rest)."""
    matrix = push.reshape(push.shape[0], -1)
    tall = matrix.shape[0] > matrix.shape[1]
    x = (matrix.T if tall else matrix).bfloat16()
    x = x / (x.norm() + 1e-7)
    a, b, c = NEWTON_SCHULZ
    for _ in range(rounds):
        square = x @ x.T
        x = a * x + (b * square + c * square @ square) @ x
    return (x.T if tall else x).float().reshape(push.shape)
