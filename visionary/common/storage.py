"""Static files with a hash in the name, so that browsers may keep them for ever."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class StaticFiles(CompressedManifestStaticFilesStorage):
    # A missing entry must not turn a page into an error: the plain name is served instead.
    manifest_strict = False

    def stored_name(self, name):
        try:
            return super().stored_name(name)
        except ValueError:
            # Nothing was collected yet: Django would look for the file to take its hash.
            return name
