"""One measurement: start, first response, warm, load, figures, end."""

import contextlib
import os
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time

import cases
import load
import processes
import programs
import systems
import upstream


class Bench:
    """Upstream, certificates and a folder for a whole run; leaves nothing behind."""

    def __init__(self, options):
        self.options = options
        self.started = processes.Processes()
        self.folder = tempfile.mkdtemp(prefix="compare-")

    def __enter__(self):
        for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
            signal.signal(number, lambda *_: sys.exit(130))
        try:
            if "meshctl" in self.options.systems:
                # Builds where that is due, and makes the caches.
                subprocess.run([programs.meshctl(), "version"], check=True, stdout=subprocess.DEVNULL)
            self.pki = upstream.certificates(self.folder)
            self.upstream = upstream.Upstream(self.started, self.folder)
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(self, *_):
        self.started.end_all()
        if self.options.keep:
            print("kept  " + self.folder)
        else:
            shutil.rmtree(self.folder, ignore_errors=True)

    def measure(self, case, system, round_number):
        """The rows of one case: one, but for handshakes, of which there are two kinds."""
        shapes = ["tls-handshake", "tls-handshake-resumed"] if case == "tls-handshake" else [case]
        running, port, first = self._start(case, system)
        try:
            for shape in shapes:
                yield self._figures(shape, system, round_number, running, port, first)
        finally:
            for process in running:
                self.started.end(process)

    def _figures(self, case, system, round_number, running, port, first):
        load.make(case, port, self.options.warm, self.folder)
        before = sum(processes.cpu_seconds(each.pid) for each in running)
        with _Swapping(self.folder) if case == "swap" else contextlib.nullcontext():
            result = load.make(case, port, self.options.seconds, self.folder)
        spent = sum(processes.cpu_seconds(each.pid) for each in running) - before
        sizes = [processes.memory(each.pid) for each in running]
        served = max(1, result.requests)
        return {
            "case": case,
            "system": system,
            "round": round_number,
            "rps": round(result.requests / result.seconds, 1),
            "cpuMicrosPerRequest": round(spent * 1e6 / served, 2),
            "p50Ms": result.p50,
            "p99Ms": result.p99,
            "p999Ms": result.p999,
            "rssMiB": round(sum(rss for rss, _ in sizes), 1),
            "privateMiB": round(sum(private for _, private in sizes), 1),
            "firstResponseMs": round(first * 1000, 1),
            "errors": result.errors,
        }

    def _start(self, case, system):
        """Starts the proxies of a case; gives them, the port to load, and the time to an answer."""
        pair = case == "mtls-pair"
        ports = processes.free_ports(4)
        setups = [systems.Setup(case, self.folder, self.upstream, self.pki, ports[0], ports[2])]
        if pair:
            setups.append(
                systems.Setup(case, self.folder, self.upstream, self.pki, ports[1], ports[3], peer=ports[0])
            )
        log = os.path.join(self.folder, f"{system}-{case}.out")
        running = []
        try:
            begun = time.monotonic()
            for index, setup in enumerate(setups):
                command, env = systems.commands(system, setup, index)
                if index == 0:
                    begun = time.monotonic()
                running.append(self.started.start(command, processes.PROXY_CORE, log, env))
            port = setups[-1].port
            self._await(case, system, port, running, log)
            return running, port, time.monotonic() - begun
        except BaseException:
            for process in running:
                self.started.end(process)
            raise

    def _await(self, case, system, port, running, log):
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            if any(process.poll() is not None for process in running):
                break
            if _answers(case, system, port):
                return
            time.sleep(0.002)
        with open(log, errors="replace") as text:
            raise processes.Failed(f"{system} does not answer in case {case}:\n{text.read()[-3000:]}")


class _Swapping:
    """Changes the routes every 100 ms while it lasts."""

    def __init__(self, folder):
        self.folder = folder
        self.ended = threading.Event()
        self.thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self):
        self.thread.start()

    def __exit__(self, *_):
        self.ended.set()
        self.thread.join()

    def _run(self):
        number = 0
        while not self.ended.wait(0.1):
            number += 1
            systems.swap(self.folder, number)


def _answers(case, system, port):
    """Whether a request is answered with 200; where only HTTP/2 is spoken, whether it is accepted."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=2) as plain:
            if system == "nginx" and case in cases.H2:
                return True
            connection = plain
            if case in cases.TLS:
                context = ssl.create_default_context()
                context.check_hostname = False
                context.verify_mode = ssl.CERT_NONE
                connection = context.wrap_socket(plain, server_hostname="localhost")
            path = "/r/0/x" if case in cases.ROUTES else "/1k"
            connection.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
            return connection.recv(64).startswith(b"HTTP/1.1 200")
    except OSError:
        return False
