"""Static files with a hash in the name, so that browsers may keep them for ever."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class StaticFiles(CompressedManifestStaticFilesStorage):
    # A missing entry must not turn a page into an error: the plain name is served instead.
    manifest_strict = False

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.addresses = {}

    def url(self, name, force=False):
        """The address of a file; a page has some forty, and working one out anew takes as long as a small query."""
        known = self.addresses.get(name)
        if known is None:
            known = super().url(name, force)
            # Before files are collected there are no hashed names yet, and nothing to remember.
            if name in self.hashed_files:
                self.addresses[name] = known
        return known

    def stored_name(self, name):
        try:
            return super().stored_name(name)
        except ValueError:
            # Nothing was collected yet: Django would look for the file to take its hash.
            return name
