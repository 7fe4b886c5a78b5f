"""Gives the networks the words of the step being drawn, and adds what prompts joined by AND predict.

The pipelines read one prompt a picture from the first step to the last. Whoever changes words on the way, or joins
several, is served here: the networks' `forward` is taken over for the time of one call, whatever pipeline calls it.
"""

import functools
from contextlib import ExitStack, contextmanager


class Conductor:
    """Leads the networks through the scripts of `rows`, a list that may shrink meanwhile.

    `step` is the step that is drawn next, from 1. Rows that say the same thing throughout are predicted as without it.
    """

    def __init__(self, rows):
        self.rows, self.step, self._steering = rows, 1, None

    @contextmanager
    def leading(self, pipeline):
        """Inside the block the pipeline's networks read what the scripts say. Nothing is done when there is none."""
        with ExitStack() as stack:
            if any(row.moments for row in self.rows):
                control = getattr(pipeline, "controlnet", None)
                if control is not None:
                    stack.enter_context(_taken_over(control, self._steer))
                stack.enter_context(_taken_over(pipeline.unet, self._predict))
            yield self

    def _steer(self, network, sample, timestep, **arguments):
        """The ControlNet, which reads the words too; further prompts ask it again (`_one_more`)."""
        self._steering = network, sample, arguments
        return network(sample, timestep, **_with_words(arguments, *self._words(len(sample))))

    def _words(self, total):
        """(negative, positive) words of a call of so many samples; without guidance there is no negative half."""
        now = [row.moment(self.step).words for row in self.rows]
        return (now if total == 2 * len(now) else []), now

    def _predict(self, network, sample, timestep, **arguments):
        moments = [row.moment(self.step) for row in self.rows]
        negatives, positives = self._words(len(sample))
        predicted = network(sample, timestep, **_with_words(arguments, negatives, positives))[0]
        joined = [place for place, moment in enumerate(moments) if moment.others]
        if joined:
            ask = functools.partial(self._one_more, network, sample, timestep, arguments)
            predicted = self._composed(ask, predicted, moments, joined)
        return (predicted,)

    def _composed(self, ask, predicted, moments, joined):
        """`predicted` with the positive half of the `joined` rows as the weighted sum of what each prompt adds to the
        negative one. The pipeline's own guidance then acts on that sum."""
        first = len(predicted) - len(moments)  # where the positive half begins
        rows = [first + place for place in joined]
        base = predicted[joined] if first else ask(joined, [moments[place].words for place in joined], negative=True)
        weights = predicted.new_tensor([moments[place].weight for place in joined])[:, None, None, None]
        total = base + weights * (predicted[rows] - base)
        for number in range(max(len(moments[place].others) for place in joined)):
            for at, place in enumerate(joined):
                if number < len(moments[place].others):
                    words, weight = moments[place].others[number]
                    total[at] += weight * (ask([first + place], [words])[0] - base[at])
        result = predicted.clone()
        result[rows] = total
        return result

    def _one_more(self, network, sample, timestep, arguments, rows, words, negative=False):
        """What the network predicts for some rows of the batch with other words."""
        sides = (words, []) if negative else ([], words)
        arguments = _with_words(_cut(arguments, len(sample), rows), *sides)
        if self._steering is not None:
            steer, seen, guide = self._steering
            guide = _with_words(_cut(guide, len(seen), rows), *sides)
            down, middle = steer(seen[rows], timestep, **guide)
            arguments |= {"down_block_additional_residuals": down, "mid_block_additional_residual": middle}
        return network(sample[rows], timestep, **arguments)[0]


@contextmanager
def _taken_over(module, instead):
    """Inside the block calling the module calls `instead(its own forward, ...)`."""
    original, own = module.forward, "forward" in vars(module)

    @functools.wraps(original)
    def forward(*args, **kwargs):
        return instead(original, *args, **kwargs)

    module.forward = forward
    try:
        yield
    finally:
        if own:  # put there by what moves modules between devices
            module.forward = original
        else:
            del module.forward


def _with_words(arguments, negatives, positives):
    """A network's arguments with these words in place of the pipeline's, negative ones first as the pipelines do."""
    states = _joined(negatives, positives, "prompt_embeds").to(arguments["encoder_hidden_states"])
    changed = arguments | {"encoder_hidden_states": states}
    added = arguments.get("added_cond_kwargs")
    if added and "text_embeds" in added:
        pooled = _joined(negatives, positives, "pooled_prompt_embeds").to(added["text_embeds"])
        changed["added_cond_kwargs"] = added | {"text_embeds": pooled}
    return changed


def _joined(negatives, positives, name):
    import torch

    return torch.cat([words[f"negative_{name}"] for words in negatives] + [words[name] for words in positives])


def _cut(value, total, rows):
    """`value` with these rows of every tensor that has `total` of them."""
    import torch

    if isinstance(value, dict):
        return {name: _cut(entry, total, rows) for name, entry in value.items()}
    return value[rows] if isinstance(value, torch.Tensor) and value.ndim and len(value) == total else value
