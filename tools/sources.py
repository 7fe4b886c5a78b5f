"""Which files are ours: everything in the checkout but what is generated, vendored or installed."""

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
NOT_OURS = {"var", "build", "node_modules", "vendor", "migrations", "htmlcov", "test-results", "__pycache__"}


def ours(root, *suffixes):
    """Our files below `root` with one of `suffixes`, sorted."""
    found = []
    for path in root.iterdir():
        if path.name.startswith(".") or path.name in NOT_OURS or path.name.endswith(".egg-info"):
            continue
        if path.is_dir() and not path.is_symlink():
            found += ours(path, *suffixes)
        elif path.suffix in suffixes:
            found.append(path)
    return sorted(found)
