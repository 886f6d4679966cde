"""Processes that end with us however we end, and what the kernel says of them."""

import concurrent.futures
import ctypes
import os
import signal
import socket
import subprocess
import time

HERTZ = os.sysconf("SC_CLK_TCK")
_LIBC = ctypes.CDLL(None)
_PR_SET_PDEATHSIG = 1


def cores():
    """The core of the proxy, and those of load and upstream; the same one where there is but one."""
    mine = sorted(os.sched_getaffinity(0))
    return ({mine[0]}, set(mine[1:2]) or {mine[0]})


PROXY_CORE, LOAD_CORE = cores()


def free_ports(count):
    """Ports that nobody listens on; asked for together, so that they differ."""
    sockets = [socket.socket() for _ in range(count)]
    for each in sockets:
        each.bind(("127.0.0.1", 0))
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


class Failed(Exception):
    """A measurement that came to nothing, with what the program said."""


class Processes:
    """All that was started, to be ended by process id."""

    def __init__(self):
        self.running = []

    def start(self, command, cpus, log, env=None, cwd=None):
        def child():
            # The child gets this even where we are killed without a word.
            _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
            os.sched_setaffinity(0, cpus)

        with open(log, "ab") as out:
            process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, preexec_fn=child,
                env={**os.environ, **(env or {})}, cwd=cwd, start_new_session=True,
            )
        self.running.append(process)
        return process

    def end(self, process):
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(3)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        if process in self.running:
            self.running.remove(process)

    def end_all(self):
        for process in list(reversed(self.running)):
            self.end(process)


def run(command, cpus, seconds):
    """Runs a load generator to its end; gives what it wrote."""
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=seconds + 30, check=False,
        preexec_fn=lambda: os.sched_setaffinity(0, cpus),
    )
    return done.stdout + done.stderr


def run_many(commands, cpus, seconds):
    """Runs load generators side by side to their end; gives what each wrote."""
    with concurrent.futures.ThreadPoolExecutor(len(commands)) as pool:
        return list(pool.map(lambda command: run(command, cpus, seconds), commands))


def cpu_seconds(pid):
    """User and system time so far, by the kernel's accounting."""
    with open(f"/proc/{pid}/stat") as line:
        stat = line.read().rsplit(")", 1)[1].split()
    return (int(stat[11]) + int(stat[12])) / HERTZ


def memory(pid):
    """RSS and private memory in MiB."""
    sizes = {}
    with open(f"/proc/{pid}/smaps_rollup") as lines:
        for line in lines:
            parts = line.split()
            if parts[-1] == "kB":
                sizes[parts[0].rstrip(":")] = int(parts[1]) / 1024
    return sizes["Rss"], sizes["Private_Clean"] + sizes["Private_Dirty"]


def await_port(port, process, log, seconds=20):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.002)
    with open(log) as text:
        raise Failed(f"port {port} was never opened:\n{text.read()[-3000:]}")
