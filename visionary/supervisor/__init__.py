"""One command for the whole site: what must be ready is made ready, then its processes are kept running.

preparing   the steps before anything is served, each a line for the operator
first_start the administrator's account and the one-time password
tree        Redis, web and workers as child processes: restarted when they die, stopped in order
child       one process of them; leash, what ties it to the supervisor
console     their output, merged into readable lines
"""


class StartRefused(Exception):
    """The site cannot start; the text is one sentence that says what to do."""
