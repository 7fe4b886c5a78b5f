"""Writes a first memory of the pictures straight into the text encoder, before any training.

The plain pictures' principal components serve as a code of 160 numbers. Codes are solved for every token such that
the mean over a name's tokens is the code of its picture. The first layer is then built by hand: its attention takes
the mean code of the words to every draft position, and each of its 1,024 inner units serves one number of one
position, adding the code's projection there. Training starts from blurred but right pictures instead of noise, and
refines everything.

Layout of the 256 numbers of a state: where it is (64, one-hot), the code (160), the patch drawn (16), marks (16).
"""

import math
import random

import torch
from torch.nn import functional

from generation.training.captions import DISLIKES, Item, caption
from generation.training.latents import TrainingSet
from generation.training.text import PATCH, Sketcher, to_patches
from generation.training.tokenizer import DRAFT_TOKENS, TEXT_TOKENS

CODE = 160  # at 160 components 90 % of the pictures' variance is kept
PLACE, CODES, DRAWN = slice(0, 64), slice(64, 64 + CODE), slice(224, 240)
LEVEL, COUNTER, WORD, SINK, REST = 240, 241, 242, 243, slice(244, 256)
SIZE = 8.0  # of a position's mark. Layer norm makes all sizes equal, but training moves large weights more gently
STEADY = 0.7 * SIZE  # equal in every token, so that layer norm hardly depends on the code
CODE_NORM, WORD_MARK = 0.33 * SIZE, 0.25 * SIZE
ON, OFF = 4.0, -10.0  # an inner unit's level at its own position (linear range) and elsewhere (silent)
GAIN = 0.8  # patch numbers reach about 4; times this they stay inside the linear range
FAINT = 0.05 * SIZE  # patches are written this much smaller, lest they drown the rest in the layer norms
# What the UNet is shown, by the gains of the last layer norm: the patch loud, the place clear, the rest low.
LOUD_PATCH, LOUD_PLACE, LOUD_REST = 8.0, 0.4, 0.1
QUIET = 0.05  # the later layers' first say
FOCUS = 9.0  # attention logit between a word and padding
# The start token draws as much attention as this many words, so that words' codes add up rather than average:
# "a blue apple, 3d icon" is an apple plus blue plus next to nothing.
SHARE_OF_START = 30.0


@torch.no_grad()
def write_memory(model: Sketcher, tokenizer, data: TrainingSet) -> None:
    """Set embeddings, first layer and head of a Sketcher of the default shape."""
    codes, basis = picture_codes(data)
    encoder = model.encoder
    _embed(encoder, solve_tokens(tokenizer, data, codes, encoder.config.vocab_size))
    state, word = _typical_states(encoder)
    first = encoder.encoder.layers[0]
    scale = _attend(first, state, word)
    _draw(first, state, scale, basis)
    for layer in encoder.encoder.layers[1:]:
        layer.self_attn.out_proj.weight *= QUIET
        layer.mlp.fc2.weight *= QUIET
        # What is drawn is left alone until they learn better.
        layer.self_attn.out_proj.weight[DRAWN] = 0
        layer.mlp.fc2.weight[DRAWN] = 0
    gains = encoder.final_layer_norm.weight
    gains[LEVEL:], gains[DRAWN], gains[PLACE] = LOUD_REST, LOUD_PATCH, LOUD_PLACE
    model.head.weight.zero_()
    model.head.bias.zero_()
    model.head.weight[:, DRAWN] = torch.eye(PATCH) * state.std(correction=0) / FAINT / LOUD_PATCH
    model.place.weight.zero_()
    model.place.bias.zero_()


def picture_codes(data: TrainingSet):
    """Codes (N, 160) of all items and the basis (160, 64, 16) that turns them into patches.

    The components are those of the pictures as training meets them: mostly plain ones.
    """
    patches = to_patches(data.latents)
    pictures = (patches - patches.mean(0)).flatten(1)
    weights = torch.from_numpy(data.weights).float()
    strengths, axes = torch.linalg.eigh((pictures * weights[:, None]).T @ pictures)
    axes, strengths = axes[:, -CODE:], strengths[-CODE:].clamp_min(1e-8).sqrt()
    # Halfway between raw and whitened: finer components are weaker, but not too weak to be read.
    codes = pictures @ axes / strengths.sqrt()
    unit = CODE_NORM / codes.norm(dim=1).mean()
    basis = (strengths.sqrt()[:, None] * axes.T / unit).view(CODE, DRAFT_TOKENS, PATCH)
    return codes * unit, basis


def solve_tokens(tokenizer, data: TrainingSet, codes, vocabulary: int, ridge: float = 0.05):
    """Token codes (vocabulary, 160) that add up to the picture's code over a caption, by least squares.

    Tokens in no caption get NaN: they are not words that show anything.
    """
    rng, rows, wanted, importance = random.Random(1), [], [], []
    for number, item in enumerate(data.items):
        for text in phrases(data, item, rng):
            tokens = tokenizer(text, add_special_tokens=False).input_ids
            weaker = (SHARE_OF_START + 1) / (SHARE_OF_START + len(tokens))
            rows.append(torch.bincount(torch.tensor(tokens), minlength=vocabulary).float() * weaker)
            wanted.append(codes[number])
            importance.append(1.0 if item.kind == "plain" else 0.3)
    names, wanted, importance = torch.stack(rows), torch.stack(wanted), torch.tensor(importance)[:, None]
    used = names.sum(0) > 0
    part = names[:, used]
    pairs = part.T @ (part * importance) + ridge * torch.eye(int(used.sum()))
    solved = torch.full((vocabulary, codes.shape[1]), float("nan"))
    solved[used] = torch.linalg.solve(pairs, part.T @ (wanted * importance))
    return solved


def phrases(data: TrainingSet, item: Item, rng: random.Random) -> list[str]:
    """Ways to ask for an item: all its names if it is plain, and a few captions."""
    concept = data.concepts[item.concept]
    names = [*concept.en, *concept.zh, *concept.en_tags, *concept.zh_tags] if item.kind == "plain" else []
    captions = [caption(concept, item, data.look, rng) for _ in range(6 if item.kind == "plain" else 2)]
    return [text for text in dict.fromkeys(names + captions) if text and text not in DISLIKES]


def _embed(encoder, codes) -> None:
    words = encoder.embeddings.token_embedding.weight
    shows = ~codes[:, 0].isnan()
    words[:, : REST.start] = 0
    words[:, LEVEL], words[:, COUNTER] = STEADY, -STEADY
    words[:, WORD] = torch.where(shows, WORD_MARK, -WORD_MARK)
    words[shows, CODES] = codes[shows]
    words[encoder.config.bos_token_id, SINK] = WORD_MARK
    places = encoder.embeddings.position_embedding.weight
    places[:, : REST.start] = 0
    places[TEXT_TOKENS:, PLACE] = SIZE * torch.eye(DRAFT_TOKENS)


def _typical_states(encoder):
    """A draft position's state before the first layer's MLP, and a word's state, both with a code of usual size."""
    end = encoder.embeddings.token_embedding.weight[-1].clone()
    filler = torch.full((CODE,), CODE_NORM / CODE**0.5) * torch.tensor([1.0, -1.0]).repeat(CODE // 2)
    state = end + encoder.embeddings.position_embedding.weight[-1]
    word = end.clone()
    word[WORD] = WORD_MARK
    state[CODES], word[CODES] = filler, filler
    return state, word


def _attend(layer, state, word) -> float:
    """Every position attends to the words alone and takes over their mean code; returns its scale, 1."""
    attention, width = layer.self_attn, len(state)
    heads = attention.num_heads
    head = width // heads
    for part in (attention.q_proj, attention.k_proj, attention.v_proj, attention.out_proj):
        part.weight *= 0.1
        part.bias.zero_()
    mark = functional.layer_norm(word, (width,))[WORD]
    # The start token carries the mark of no word, and its own.
    sink = FOCUS + math.log(SHARE_OF_START)
    for index in range(heads):
        attention.q_proj.bias[index * head] = 1.0
        attention.k_proj.weight[index * head, WORD] = FOCUS * head**0.5 / (2 * mark)
        attention.k_proj.weight[index * head, SINK] = sink * head**0.5 / mark
    share = CODE // heads
    attention.out_proj.weight[CODES] = 0
    attention.out_proj.weight[DRAWN] = 0
    for number in range(CODE):
        slot = (number // share) * head + 1 + number % share
        attention.v_proj.weight[slot] = 0
        attention.v_proj.weight[slot, CODES.start + number] = word.std(correction=0) * (SHARE_OF_START + 1)
        attention.out_proj.weight[:, slot] = 0
        attention.out_proj.weight[CODES.start + number, slot] = 1.0
    return 1.0


def _draw(layer, state, scale: float, basis) -> None:
    """One inner unit for each of the 16 numbers of each of the 64 positions."""
    normal = functional.layer_norm(state, (len(state),))
    here, elsewhere = normal[DRAFT_TOKENS - 1], normal[0]
    gate = (ON - OFF) / (here - elsewhere)
    enter, leave = layer.mlp.fc1, layer.mlp.fc2
    enter.weight.mul_(0.05)
    units = torch.arange(DRAFT_TOKENS * PATCH)
    enter.weight[:, PLACE] = 0
    enter.weight[:, LEVEL:] = 0
    enter.weight[units, units // PATCH] = gate
    enter.weight[:, CODES] = (GAIN * basis.flatten(1).T) * state.std(correction=0) / scale
    enter.bias[:] = ON - gate * here
    leave.weight.mul_(0.05)
    leave.weight[DRAWN] = 0
    leave.weight[DRAWN.start + units % PATCH, units] = FAINT / GAIN
    leave.bias.zero_()
    silent = functional.silu(torch.tensor(1.702 * OFF)) * (DRAFT_TOKENS - 1) + functional.silu(torch.tensor(1.702 * ON))
    leave.bias[DRAWN] = -silent / 1.702 * FAINT / GAIN
