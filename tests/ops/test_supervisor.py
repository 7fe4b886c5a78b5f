"""The supervisor's parts, with small programs in place of the site's."""

import io
import os
import re
import signal
import sys
import threading
import time

import psutil

from tests.ops.running_site import wait_until
from visionary.supervisor.child import Child
from visionary.supervisor.console import Console, Lines
from visionary.supervisor.tree import Tree

PYTHON = [sys.executable, "-u", "-c"]


def program(name, code, **options):
    return Child(name, [*PYTHON, code], **options)


def run_until(children, pattern, seconds=30):
    """Run the tree until its output matches `pattern`, then ask it to stop. Returns the output."""
    out = io.StringIO()
    tree = Tree(children, Console(out), lambda: out.write("ALL UP\n"))

    def watch():
        deadline = time.monotonic() + seconds
        while not re.search(pattern, out.getvalue()) and time.monotonic() < deadline:
            time.sleep(0.05)
        os.kill(os.getpid(), signal.SIGTERM)

    watcher = threading.Thread(target=watch)
    watcher.start()
    tree.run()
    watcher.join()
    assert re.search(pattern, out.getvalue()), out.getvalue()
    return out.getvalue()


def test_lines_of_all_processes_are_told_with_their_name():
    output = run_until([program("web", "print('hello'); import time; time.sleep(60)")], "hello")

    assert "web    | hello\n" in output
    assert "\033[" not in output


def test_a_dead_process_is_told_and_started_again():
    output = run_until([program("web", "print('here'); raise SystemExit(3)")], r"(?s)(here.*){2}")

    assert "web ended with exit code 3; it starts again in 0.5 s." in output


def test_what_keeps_a_process_from_starting_is_put_right(tmp_path):
    fault = tmp_path / "fault"
    fault.touch()
    code = f"import os, sys, time; os.path.exists({str(fault)!r}) and sys.exit(1); print('works'); time.sleep(60)"
    child = program("redis", code, ready=lambda: False, remedy=lambda: fault.unlink() or "The fault is gone.")

    output = run_until([child], "works")

    assert "site   | The fault is gone.\n" in output


def test_a_process_that_keeps_dying_is_started_ever_more_slowly():
    child, waits = Child("web", ["true"]), []
    for second in range(8):
        child.start()
        child.process.wait()
        child.process.stdout.close()
        waits.append(child.reap(child.started_at + second % 2)[1])

    assert waits == [0.5, 1, 2, 4, 8, 16, 30, 30]


def test_a_process_that_ran_long_starts_afresh():
    child = Child("web", ["true"])
    child.failures = 5
    child.start()
    child.process.wait()
    child.process.stdout.close()

    assert child.reap(child.started_at + 61)[1] == 0.5


def test_a_process_waits_for_the_one_before_it(tmp_path):
    mark = tmp_path / "mark"
    first = program("redis", f"import time; time.sleep(1); open({str(mark)!r}, 'w'); time.sleep(60)", ready=mark.exists)
    look = f"import os, time; print('found', os.path.exists({str(mark)!r})); time.sleep(60)"

    output = run_until([first, program("web", look, after=first)], "found")

    assert "web    | found True" in output


def test_what_the_others_need_is_stopped_last():
    says = "import signal, time; signal.signal(15, lambda *_: (print('bye'), exit(0))); print('up'); time.sleep(60)"
    children = [program("redis", says, last=True), program("web", says)]

    output = run_until(children, r"(?s)(up.*){2}")

    assert output.index("web    | bye") < output.index("redis  | bye")


def test_a_process_that_will_not_stop_is_killed(monkeypatch):
    monkeypatch.setattr("visionary.supervisor.tree.STOP_SECONDS", 0.5)
    stubborn = program("web", "import signal, time; signal.signal(15, signal.SIG_IGN); print('up'); time.sleep(60)")

    output = run_until([stubborn], "up")

    assert "web did not stop in time and is killed." in output
    assert not stubborn.running


def test_helpers_left_behind_by_a_dead_process_are_killed():
    output = run_until(
        [program("web", "import subprocess; print('helper', subprocess.Popen(['sleep', '60']).pid)")], "again"
    )

    helper = int(re.search(r"helper (\d+)", output)[1])
    wait_until(lambda: not psutil.pid_exists(helper) or psutil.Process(helper).status() == "zombie", 10)


def test_bytes_are_cut_into_lines_wherever_they_break():
    lines = []
    cutter = Lines(lines.append)
    for piece in (b"on", b"e\ntw", "o 图\nthr".encode(), b"ee"):
        cutter.feed(piece)
    cutter.close()

    assert lines == ["one", "two 图", "three"]


def test_a_line_cannot_forge_another_or_colour_the_terminal():
    lines = []
    Lines(lines.append).feed(b"prompt\rsite   | Ready\x1b[31m\r\n")

    assert lines == ["prompt\\rsite   | Ready\\x1b[31m"]


def test_an_endless_line_is_cut():
    lines = []
    Lines(lines.append).feed(b"x" * 20_000)

    assert [len(line) for line in lines] == [20_000]


def test_colours_are_for_terminals_only(monkeypatch):
    monkeypatch.delenv("NO_COLOR", raising=False)
    out = io.StringIO()
    out.isatty = lambda: True

    Console(out).line("web", "hello")

    assert out.getvalue() == "\033[36mweb    |\033[0m hello\n"
