"""The generator's part of the REST API."""
