"""The LMS sampler. diffusers' own needs scipy for one integral, which for a polynomial is exact without it."""

import numpy
from diffusers.schedulers.scheduling_euler_discrete import EulerDiscreteScheduler, EulerDiscreteSchedulerOutput

ORDER = 4  # as k-diffusion's sample_lms


class LinearMultistepScheduler(EulerDiscreteScheduler):
    """Euler's noise levels, stepped through the last four slopes instead of one (Adams-Bashforth, uneven steps)."""

    def set_timesteps(self, *args, **kwargs):
        super().set_timesteps(*args, **kwargs)
        self.derivatives = []

    def step(self, model_output, timestep, sample, *args, return_dict=True, **kwargs):
        """The next sample, and the guess of the finished one. Euler's other arguments mean nothing here."""
        now = self._now(timestep)
        slope, guess = self._slope(model_output.float(), sample.float(), self.sigmas[now])
        self.derivatives = [*self.derivatives, slope][-ORDER:]
        factors = self._factors(now, len(self.derivatives))
        moved = sum(factor * one for factor, one in zip(factors, reversed(self.derivatives), strict=True))
        result = (sample + moved).to(model_output.dtype), guess.to(model_output.dtype)
        self._step_index = now + 1  # type: ignore[assignment]  # declared None there
        return EulerDiscreteSchedulerOutput(*result) if return_dict else result

    def _now(self, timestep) -> int:
        """Number of the step under way; the first may be any, when a picture is drawn over."""
        if self.step_index is None:
            self._init_step_index(timestep)
        return int(self.step_index or 0)

    def _slope(self, output, sample, sigma):
        kind = dict(self.config)["prediction_type"]
        if kind == "v_prediction":
            guess = output * (-sigma / (sigma**2 + 1) ** 0.5) + sample / (sigma**2 + 1)
        elif kind == "sample":
            guess = output
        else:
            guess = sample - sigma * output
        return (sample - guess) / sigma, guess

    def _factors(self, now, order):
        """How much each of the last `order` slopes counts, newest first: integrals of Lagrange's polynomials."""
        levels = [float(self.sigmas[now - place]) for place in range(order)]
        start, end = levels[0], float(self.sigmas[now + 1])
        factors = []
        for level in levels:
            others = [other for other in levels if other != level]
            scale = numpy.prod([level - other for other in others])
            whole = (
                numpy.polynomial.Polynomial.fromroots(others).integ() if others else numpy.polynomial.Polynomial([0, 1])
            )
            factors.append(float((whole(end) - whole(start)) / scale))
        return factors
