"""Run a program that dies with its parent: `python leash.py PARENT_PID PROGRAM ARG ...`

A supervisor killed with SIGKILL cannot stop its children; the kernel does it instead. It is done here, in a
small program that then becomes the child, because code between fork and exec is not safe beside threads.
Only Linux has this; elsewhere the program simply runs.
"""

import os
import signal
import sys

PR_SET_PDEATHSIG = 1  # <linux/prctl.h>


def main(parent, command):
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            sys.exit("The supervisor is gone.")
    os.execvp(command[0], command)  # noqa: S606 - this is what the program is for


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
