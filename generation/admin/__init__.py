"""The generator in the back office."""

from generation.admin import asking as asking  # registers styles and wildcards
from generation.admin import jobs as jobs  # registers jobs
from generation.admin import making as making  # registers sources and grids
