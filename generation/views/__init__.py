"""The generator's pages."""
