"""Draws pictures: a recipe goes in, pixels come out.

Knows nothing of Django, users or queues, so it can be tested and used alone. `spec`, `events`,
`errors` and `samplers` are importable by a web process; torch is imported only inside functions.
"""
