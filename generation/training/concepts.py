"""Which things the starter checkpoints learn to draw, and what they may be called.

The icon sets hold about 1,900 emoji. A small model draws few things well or many badly, so flags, symbols,
signs and variants of people are left out, and everything unfit for a public site.
"""

import json
import re
from collections import Counter
from dataclasses import asdict, dataclass, field
from pathlib import Path

from generation.training.names import NAMES

# Emoji groups 2 (skin tones), 8 (symbols) and 9 (flags) have no pictures of things.
GROUPS = {0, 1, 3, 4, 5, 6, 7}
LEFT_OUT_SUBGROUPS = {
    "family", "person-symbol", "person-gesture", "person-sport", "person-activity", "person-resting",
    "hand-single-finger", "hand-prop", "place-religious", "medical", "emotion", "face-neutral-skeptical",
}  # fmt: skip

# Unfit for a site open to everyone: rude, weapons, drugs, alcohol, underwear, religion, death, gambling.
UNFIT = re.compile(
    r"middle finger|pile of poo|vomit|nauseated|biting lip|kiss|tongue|mouth$|symbols on|smirk|horns|skull|exploding|"
    r"kitchen knife|dagger|sword|bomb|water pistol|\bgun\b|bow and arrow|axe|firecracker|boomerang|"
    r"cigarette|coffin|headstone|urn|nazar|hamsa|moai|syringe|\bpill\b|blood|razor|"
    r"sake|wine|beer|cocktail|clinking|popping cork|tumbler|tropical drink|"
    r"bikini|briefs|swimsuit|woman’s clothes|lipstick|love hotel|prayer|diya|slot machine|joker|mahjong|"
    r"military|zombie|supervillain|vampire|pregnant|breast|feeding|turban|skullcap|veil|toilet|roll of paper|plunger|"
    r"cockroach|microbe|map of Japan|anatomical|lungs|mechanical|hearing aid|money-mouth",
    re.IGNORECASE,
)
# Look-alikes of a thing that is kept, words without a picture, and pictures too small to read at 128 pixels.
REDUNDANT = re.compile(
    r"^(?:oncoming|incoming|outbox|inbox|woman|man|women|men) |: |button|banknote|hourglass not|facing|^Mrs|^Mx|"
    r"guide dog|service dog|two-hump|^ewe|^rat$|orangutan|black bird|^dodo|orca|cut of meat|brown mushroom|"
    r"root vegetable|^tamale|^falafel|flatbread|amphora|pouring|^mate$|japanese post|derelict|national park|"
    r"landslide|sunset|at dusk|^foggy|railway car|light rail|monorail|tram car|suspension|aerial|mountain railway|"
    r"trolleybus|minibus|sport utility|wheelchair|motorway|oil drum|fuel pump|stop sign|^station|rolled-up|"
    r"airplane departure|airplane arrival|small airplane|bookmark tabs|page |ledger|green book|blue book|orange book|"
    r"lowered|open mailbox|ballot|envelope with|e-mail|file|card index|clipboard|chart|calendar$|spiral (?:note|cal)|"
    r"round pushpin|"
    r"linked|broken chain|^chains|^link$|carpentry|clamp|white cane|pick$|hammer and|tilted right|with flash|video ?ca|"
    r"low volume|medium volume|muted|with slash|postal|level slider|knobs|musical notes|phone with arrow|pager|fax|"
    r"trackball|computer disk|optical|low battery|lock.+with|unlocked|old key|suit$|pawn|flower playing|ticket|"
    r"reminder|military medal|2nd|3rd|softball|rugby|cricket game|hockey|lacrosse|curling|diving|petri|alembic|"
    r"moon viewing|pine decoration|tanabata|japanese dolls|placard|identification|label$|^receipt|elevator|"
    r"mouse trap|safety pin|lotion|new moon|waxing|waning|quarter moon face|full moon$|new moon face|first quarter|"
    r"last quarter|^comet|wind face|^sparkle$|tokyo tower|wedding|heart exclamation|heart decoration|"
    r"person with crown|^troll|hairy|^guard|^judge|^technologist|office worker|tuxedo|^person$|"
    r"squinting|persevering|confounded|anguished|downcast|disappointed|distorted|hushed|flushed|"
    r"sad but|anxious|^tired|weary face|frowning face with|face with diagonal|with closed eyes|holding back|"
    r"crossed-out|woozy|head-bandage|open eyes and|peeking|relieved|bags under|drooling|"
    r"raised back|rightwards|leftwards|left-facing|right-facing|palms? (?:up|down)|pinch|crossed fingers|"
    r"index finger|call me",
    re.IGNORECASE,
)  # fmt: skip
# Seldom asked for; every one left out gives the others more practice.
SELDOM = re.compile(
    r"o’clock|-thirty|flat shoe|clutch|ballet|sandal|man’s shoe|woman’s boot|sari$|kimono|lab coat|safety vest|"
    r"goal net|"
    r"martial|running shirt|flying disc|flag in|rosette|wilted|fluttering|rice cracker|^oden|fish cake|dango|custard|"
    r"fondue|shallow|canned|hyacinth|hibiscus|sheaf|shamrock|bagel|burrito|classical|building con|^brick|"
    r"^rock$|^wood$|^houses|post office|^bank|^hotel|convenience|department|japanese castle|cableway|articulated|"
    r"auto rickshaw|bus stop|railway track|motor boat|horizontal traffic|car light|^seat|bellhop|timer|"
    r"stopwatch|mantelpiece|milky|glowing|behind large|behind small|lightning and|cyclone|on ground|carp str|piñata|"
    r"mirror ball|nesting|performing|sewing|^knot|shopping bags|speaker high|musical score|studio mic|long drum|banjo|"
    r"maracas|receiver|electric plug|floppy|abacus|film|clapper|notebook with|bookmark|with wings|mailbox|black nib|"
    r"memo|pushpin|paperclip|triangular|wastebasket|nut and|balance|^hook|test tube|^dna|antenna|^soap|bubbles|sponge|"
    r"extinguisher|showing Eur|showing Am|globe with|merman|merperson|with sweat$|slightly|saluting|"
    r"shushing|steam from|monocle|sneezing|zany|open hands|vulcan|love-you|raising hands|splayed|growing heart|"
    r"beating|revolving|heart with ribbon|grinning cat with|wry|weary|^pouting|hear-no|speak-no|"
    r"health worker|mechanic|factory worker|detective|^elf|genie|water buffalo|^boar|mammoth|^moose|"
    r"cricket|^worm|^beans|ginger|brown heart|grey heart|trombone|dvd|telephone r|movie cam|roller skate|"
    r"empty nest|fallen leaf|leafless|baguette|rice ball$|roasted sweet|barber|carousel|scroll|hot springs",
    re.IGNORECASE,
)  # fmt: skip
KEPT_PEOPLE = {"baby", "boy", "girl", "man", "woman", "old man", "old woman"}
# A word on more concepts than this says nothing about the picture ("animal", "食物").
MAX_SHARED_TAG = 2


@dataclass
class Concept:
    """One thing to draw: names[0] of each language is the usual one; tags point at it without naming it."""

    hexcode: str
    label: str
    group: int
    subgroup: str
    en: list[str]
    zh: list[str]
    en_tags: list[str] = field(default_factory=list)
    zh_tags: list[str] = field(default_factory=list)

    @property
    def weight(self) -> float:
        """How often it is shown in training: things asked for by a plain noun twice as often as faces and hands."""
        return 0.5 if self.group in (0, 1) and self.subgroup != "heart" and self.label not in NAMES else 1.0

    @property
    def recolourable(self) -> bool:
        """Whether 'a blue one' makes sense; people and yellow faces keep their colours."""
        return self.group >= 3 and self.subgroup not in ("place-map", "sky-weather")


def clean(text: str) -> str:
    """Lower-case words without colons or curly quotes."""
    return re.sub(r"\s+", " ", text.replace("’", "'").replace(":", " ").lower()).strip()


def is_wanted(label: str, group: int | None, subgroup: str, hexcode: str) -> bool:
    """Whether an emoji is one of the things worth learning."""
    if group not in GROUPS or subgroup in LEFT_OUT_SUBGROUPS or UNFIT.search(label):
        return False
    if subgroup == "person":
        return label in KEPT_PEOPLE
    if "200D" in hexcode and group == 1 and re.match(r"(man|woman) ", label):
        return False
    return not (REDUNDANT.search(label) or SELDOM.search(label))


def read_concepts(emojibase: Path) -> list[Concept]:
    """The wanted concepts from the unpacked emojibase-data package, with names in English and Chinese."""
    chinese = {entry["hexcode"]: entry for entry in _read(emojibase / "zh/data.json")}
    subgroups = {int(key): name for key, name in _read(emojibase / "meta/groups.json")["subgroups"].items()}
    concepts = [
        _concept(entry, chinese.get(entry["hexcode"], {}), subgroups)
        for entry in _read(emojibase / "en/data.json")
        if "subgroup" in entry
        and is_wanted(entry["label"], entry.get("group"), subgroups[entry["subgroup"]], entry["hexcode"])
    ]
    _settle_names(concepts)
    _drop_vague_tags(concepts)
    return concepts


def save_concepts(concepts: list[Concept], path: Path) -> None:
    path.write_text(json.dumps([asdict(concept) for concept in concepts], ensure_ascii=False))


def load_concepts(path: Path) -> list[Concept]:
    return [Concept(**entry) for entry in _read(path)]


def _read(path: Path):
    return json.loads(path.read_text(encoding="utf-8"))


def _concept(entry: dict, chinese: dict, subgroups: dict[int, str]) -> Concept:
    label = entry["label"]
    more_en, more_zh = NAMES.get(label, ("", ""))
    return Concept(
        hexcode=entry["hexcode"],
        label=label,
        group=entry["group"],
        subgroup=subgroups[entry["subgroup"]],
        en=_unique([*more_en.split("|"), clean(label)]),
        zh=_unique([*more_zh.split("|"), chinese.get("label", "")]),
        en_tags=_unique(clean(tag) for tag in entry.get("tags", [])),
        zh_tags=_unique(chinese.get("tags", [])),
    )


def _unique(words) -> list[str]:
    return [word for word in dict.fromkeys(words) if word]


def _settle_names(concepts: list[Concept]) -> None:
    """Where two concepts share a name, leave it to the one that puts it first."""
    for language in ("en", "zh"):
        owners: dict[str, tuple[int, int]] = {}
        for index, concept in enumerate(concepts):
            for place, name in enumerate(getattr(concept, language)):
                owners[name] = min(owners.get(name, (place, index)), (place, index))
        for index, concept in enumerate(concepts):
            names = getattr(concept, language)
            setattr(concept, language, [name for name in names if owners[name][1] == index] or names)


def _drop_vague_tags(concepts: list[Concept]) -> None:
    """Keep only tags that tell concepts apart and are not another concept's name."""
    for language in ("en", "zh"):
        names = {name for concept in concepts for name in getattr(concept, language)}
        uses = Counter(tag for concept in concepts for tag in getattr(concept, f"{language}_tags"))
        for concept in concepts:
            tags = [
                tag
                for tag in getattr(concept, f"{language}_tags")
                if uses[tag] <= MAX_SHARED_TAG and tag not in names and not re.search(r"\d", tag)
            ]
            setattr(concept, f"{language}_tags", tags)
