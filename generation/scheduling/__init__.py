"""Which job is next, which worker may draw it and for how long it holds it."""
