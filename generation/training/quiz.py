"""The hundred-noun test: can a person name what the model drew?

The nouns were fixed before any picture was seen. Tiles come in random order with numbers instead of names; the
answers are in a separate file, to be opened after writing down what one sees.
"""

import json
import random
from pathlib import Path

from generation.training.pipeline import load_pipeline
from generation.training.places import Workplace
from generation.training.sheet import contact_sheet, draw

ENGLISH = [
    "apple", "banana", "strawberry", "carrot", "tomato", "bread", "cheese", "hamburger", "pizza", "egg", "cake",
    "ice cream", "cookie", "coffee", "dog", "horse", "pig", "rabbit", "lion", "elephant", "monkey", "duck",
    "owl", "fish", "whale", "crab", "butterfly", "snail", "rose", "cactus", "mushroom", "car", "bus", "bicycle",
    "airplane", "boat", "sun", "moon", "star", "rainbow", "umbrella", "key", "clock", "chair", "bed", "book",
    "scissors", "guitar", "shirt", "crown",
]  # fmt: skip
CHINESE = [
    "苹果", "葡萄", "西瓜", "柠檬", "樱桃", "玉米", "米饭", "面条", "饺子", "糖果", "蛋糕", "牛奶", "猫", "牛",
    "羊", "熊猫", "老虎", "猴子", "老鼠", "鸡", "企鹅", "鸟", "乌龟", "蛇", "章鱼", "蝴蝶", "蜜蜂", "向日葵",
    "树", "房子", "火车", "卡车", "摩托车", "飞机", "船", "火箭", "太阳", "月亮", "云", "雪人", "雨伞", "钥匙",
    "眼镜", "帽子", "裙子", "鞋", "手机", "电脑", "足球", "礼物",
]  # fmt: skip


def hold(place: Workplace, look: str, steps: int = 12, guidance: float = 2.0) -> Path:
    """Draw the hundred nouns: a numbered sheet, the answers, and a sheet with names for publishing."""
    nouns = ENGLISH + CHINESE
    pictures = draw(load_pipeline(place.pipeline(look)), nouns, steps, guidance, seed=500)
    order = random.Random(99).sample(range(len(nouns)), len(nouns))
    numbers = [str(n) for n in range(1, len(nouns) + 1)]
    path = place.sheets() / f"quiz-{look}.png"
    contact_sheet([pictures[k] for k in order], numbers, columns=10).save(path)
    path.with_suffix(".json").write_text(json.dumps([nouns[k] for k in order], ensure_ascii=False, indent=0))
    contact_sheet(pictures, nouns, columns=10).save(place.sheets() / f"nouns-{look}.webp", quality=80)
    return path
