"""The styles and lists that a new site starts with; administrators change them in the back office."""

import json
from pathlib import Path

BUNDLED = Path(__file__).parent / "bundled.json"
STYLE_FIELDS = ("slug", "name", "name_zh", "template", "negative")


def read():
    """(styles as dicts of their fields, {name of a list: its options})."""
    data = json.loads(BUNDLED.read_text(encoding="utf-8"))
    return [dict(zip(STYLE_FIELDS, row, strict=True)) for row in data["styles"]], data["wildcards"]


def load(style_model, wildcard_model):
    """Add what the site lacks; what an administrator changed stays as it is. Returns how many rows were added.

    The models are StyleTemplate and Wildcard, or their historical forms in a migration.
    """
    styles, lists = read()
    known_styles = set(style_model.objects.values_list("slug", flat=True))
    known_lists = set(wildcard_model.objects.values_list("name", flat=True))
    fresh = [style_model(position=place, **row) for place, row in enumerate(styles) if row["slug"] not in known_styles]
    lists = [wildcard_model(name=name, options=text) for name, text in lists.items() if name not in known_lists]
    style_model.objects.bulk_create(fresh)
    wildcard_model.objects.bulk_create(lists)
    return len(fresh) + len(lists)
