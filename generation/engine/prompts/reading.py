"""One text encoder with its tokenizer: chunks in, hidden states out."""

from . import chunks
from .parsing import BREAK, parse

OPEN_CLIP_LAYERS = 23  # SD 2's encoders end one layer early, as SD 2 was trained
# A mean this many times larger or smaller was near nothing: restoring it would blow the states up.
MOST_RESTORING = 4.0


class Reader:
    """`large`: the encoder is one of SDXL's two, whose layer before the last is read without a norm."""

    def __init__(self, pipeline, tokenizer, encoder, large):
        self._pipeline, self._tokenizer, self.encoder, self._large = pipeline, tokenizer, encoder, large
        most = encoder.config.max_position_embeddings
        self.window = chunks.window_of(min(most, tokenizer.model_max_length))

    def count(self, text):
        """Tokens of a prompt's words, without markers and syntax."""
        return sum(len(unit[0]) for unit in self._units(text) if unit is not BREAK)

    def chunks(self, text):
        """Chunks of a prompt, see chunks.fill."""
        comma = self._tokenizer.convert_tokens_to_ids(",</w>")
        return chunks.fill(self._units(text), self.window, comma)

    def _units(self, text):
        pieces = parse(text)
        if self.window.sketches:
            return self._whole([piece for piece in pieces if piece is not BREAK])
        return [unit for piece in pieces for unit in ([BREAK] if piece is BREAK else self._piecewise(*piece))]

    def _piecewise(self, text, weight):
        """Units of one piece, read apart from its neighbours, as AUTOMATIC1111 does."""
        added = self._tokenizer.added_tokens_encoder
        followers = {number for token, number in added.items() if token.rpartition("_")[0] in added}
        units: list[tuple[list[int], float]] = []
        for number in self._tokenizer(self._expanded(text), add_special_tokens=False, verbose=False).input_ids:
            if number in followers and units:
                units[-1][0].append(number)
            else:
                units.append(([number], weight))
        return units

    def _whole(self, pieces):
        """Units of the words as if there were no brackets. The starter knows Chinese by whole phrases: cut at a
        bracket, 一个(红色)的苹果 would be other tokens. A token has the weight farthest from 1 among its letters."""
        pieces = [(self._expanded(text), weight) for text, weight in pieces]
        letters = [weight for text, weight in pieces for _ in text]
        read = self._tokenizer(
            "".join(text for text, _ in pieces), add_special_tokens=False, return_offsets_mapping=True, verbose=False
        )
        spans = [letters[start:end] or [1.0] for start, end in read.offset_mapping]
        return [
            ([number], max(weights, key=lambda weight: abs(weight - 1.0)))
            for number, weights in zip(read.input_ids, spans, strict=True)
        ]

    def _expanded(self, text):
        """One word of the prompt stands for all vectors of an embedding: "x" becomes "x x_1 x_2"."""
        return self._pipeline.maybe_convert_prompt(text, self._tokenizer)

    def read(self, portions, count, clip_skip):
        """(hidden states (1, count * positions, width), pooled state of the first chunk or None)."""
        import torch

        filled = [*portions, *[chunks.Chunk()] * (count - len(portions))]
        read = [self._read_chunk(chunk, clip_skip) for chunk in filled]
        return torch.cat([states for states, _ in read], dim=1), read[0][1]

    def _read_chunk(self, chunk, clip_skip):
        import torch

        ids = torch.tensor([self._with_markers(chunk.ids)], device=self._pipeline._execution_device)
        states, pooled = self._states(ids, clip_skip)
        if any(weight != 1.0 for weight in chunk.weights):
            text = self.window.text_positions
            weights = [1.0, *chunk.weights]
            weights += [1.0] * (text - len(weights))
            states[:, :text] = stress(states[:, :text], torch.tensor(weights).to(states))
        return states, pooled

    def _with_markers(self, ids):
        tokenizer = self._tokenizer
        marked = [tokenizer.bos_token_id, *ids, tokenizer.eos_token_id]
        return marked + [tokenizer.pad_token_id] * (self.window.positions - len(marked))

    def _states(self, ids, clip_skip):
        depth = self._depth(clip_skip)
        if self._large:
            output = self.encoder(ids, output_hidden_states=True)
            # Only the second encoder projects: its first output is the pooled state, (1, width).
            return output.hidden_states[-depth], output[0] if output[0].ndim == 2 else None
        if depth == 1:
            return self.encoder(ids)[0], None
        state = self.encoder(ids, output_hidden_states=True).hidden_states[-depth]
        return getattr(self.encoder, "text_model", self.encoder).final_layer_norm(state), None

    def _depth(self, clip_skip):
        """Which hidden state to read, counted from the last."""
        layers = self.encoder.config.num_hidden_layers
        if self.window.sketches:
            return 1
        if self._large:
            return min(max(clip_skip, 2), layers + 1)
        return min(max(clip_skip - (layers == OPEN_CLIP_LAYERS), 1), layers + 1)


def stress(states, weights):
    """Hidden states (1, positions, width) times `weights` (positions,), with their mean as before."""
    before = states.float()
    after = before * weights.float()[None, :, None]
    ratio = float(before.mean() / after.mean()) if after.mean() else 0.0
    if 1 / MOST_RESTORING <= ratio <= MOST_RESTORING:
        after = after * ratio
    return after.to(states.dtype)
