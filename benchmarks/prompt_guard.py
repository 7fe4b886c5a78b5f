"""How long the prompt guard takes for 20,000 characters (ten times the longest prompt) of friendly and hostile kinds.

    python -m benchmarks.prompt_guard

Needs no site. Prints processor milliseconds, best of five, for 10,000 and 20,000 characters: twice the text must
not take much more than twice the time.
"""

import random
import time

from safety.matcher import Matcher
from safety.seed import seed_words

LENGTH = 20_000
chance = random.Random(1)
KINDS = {
    "plain English": "a red apple on a table, ",
    "plain Chinese": "红色情人节的苹果，水彩。",
    "leet": "s3x! p0rn ",
    "digits": "1!",
    "spaced out": "a s e x, ",
    "dots in Chinese": "色.情.",
    "hits only": "sex ",
    "look-alikes": "ѕех ",
    "zalgo": "a\u0301",
    "one long gap": "a" + " " * LENGTH,
    "random scripts": "".join(chr(chance.randrange(0x100, 0xD000)) for _ in range(LENGTH)),
}


def milliseconds(matcher, text):
    best = float("inf")
    for _ in range(5):
        begun = time.process_time()
        matcher.hits(text)
        best = min(best, time.process_time() - begun)
    return best * 1000


def main():
    matcher = Matcher(seed_words().items())
    print(f"{'kind':<18} {'10,000':>8} {'20,000':>8}  ms")
    for kind, part in KINDS.items():
        text = (part * LENGTH)[:LENGTH]
        print(f"{kind:<18} {milliseconds(matcher, text[: LENGTH // 2]):8.1f} {milliseconds(matcher, text):8.1f}")


if __name__ == "__main__":
    main()
