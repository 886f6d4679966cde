"""Load generators: each gives requests served, and p50, p99, p99.9 in milliseconds."""

import os
import re

import cases
import processes
import programs

WRK = """
local paths = {}
local count = %d
if count > 0 then
  math.randomseed(1)
  request = function()
    return wrk.format("GET", "/r/" .. math.random(0, count - 1) .. "/x")
  end
end
done = function(summary, latency, requests)
  io.write(string.format("RESULT %%d %%d %%f %%f %%f %%d\\n", summary.requests, summary.duration,
    latency:percentile(50) / 1000, latency:percentile(99) / 1000, latency:percentile(99.9) / 1000,
    summary.errors.status + summary.errors.connect + summary.errors.read + summary.errors.timeout))
end
"""


HANDSHAKING_CLIENTS = 4


class Result:
    """What a load generator saw; a percentile that it cannot tell is None."""

    def __init__(self, requests, seconds, p50=None, p99=None, p999=None, errors=0):
        self.requests, self.seconds = requests, seconds
        self.p50, self.p99, self.p999, self.errors = p50, p99, p999, errors


def make(case, port, seconds, folder):
    """Puts load on a proxy at `port` for `seconds`."""
    if case in cases.H2:
        return _h2load(case, port, seconds, folder, ["-c16", "-m10"])
    if case == "rate-1000":
        # Ten clients of a hundred requests a second each.
        return _h2load(case, port, seconds, folder, ["--h1", "-c10", "--rps=100"])
    if case == "tls-handshake":
        return _handshakes(port, seconds, ["-new", "-tls1_3"])
    if case == "tls-handshake-resumed":
        # In TLS 1.3 a ticket comes after the handshake, and s_time does not wait for it.
        return _handshakes(port, seconds, ["-reuse", "-tls1_2"])
    return _wrk(case, port, seconds, folder)


def _wrk(case, port, seconds, folder):
    script = os.path.join(folder, "load.lua")
    with open(script, "w") as file:
        file.write(WRK % cases.ROUTES.get(case, 0))
    connections = {"h1-64k": 16, "h1-1m": 8}.get(case, 64)
    close = ["-H", "Connection: close"] if case == "h1-newconn" else []
    scheme = "https" if case in cases.TLS else "http"
    output = processes.run(
        [programs.find("wrk"), "-t1", f"-c{connections}", f"-d{max(1, round(seconds))}s", "-s", script, *close,
         f"{scheme}://127.0.0.1:{port}{cases.path(case)}"],
        processes.LOAD_CORE, seconds,
    )
    found = re.search(r"RESULT (\d+) (\d+) ([\d.]+) ([\d.]+) ([\d.]+) (\d+)", output)
    if not found:
        raise processes.Failed("wrk said:\n" + output)
    return Result(
        int(found[1]), int(found[2]) / 1e6, float(found[3]), float(found[4]), float(found[5]), int(found[6])
    )


def _h2load(case, port, seconds, folder, shape):
    log = os.path.join(folder, "h2load.log")
    if os.path.exists(log):
        os.unlink(log)
    body = []
    if case.startswith("grpc"):
        message = 32 if case == "grpc" else 64 * 1024
        file = os.path.join(folder, f"message-{message}")
        with open(file, "wb") as out:
            out.write(b"\0" + (message - 5).to_bytes(4, "big") + b"x" * (message - 5))
        body = ["-d", file, "-H", "content-type: application/grpc", "-H", "te: trailers"]
    output = processes.run(
        [programs.find("h2load"), "-t1", "-D", str(max(1, round(seconds))), "--log-file", log, *shape, *body,
         f"http://127.0.0.1:{port}{cases.path(case)}"],
        processes.LOAD_CORE, seconds,
    )
    found = re.search(r"finished in ([\d.]+)(m?s)", output)
    total = re.search(r"requests: \d+ total.*?(\d+) succeeded, (\d+) failed, (\d+) errored", output)
    good = re.search(r"status codes: (\d+) 2xx, (\d+) 3xx, (\d+) 4xx, (\d+) 5xx", output)
    if not found or not total or not good:
        raise processes.Failed("h2load said:\n" + output)
    taken = float(found[1]) / (1000 if found[2] == "ms" else 1)
    times = []
    with open(log) as lines:
        for line in lines:
            times.append(int(line.split()[2]) / 1000)
    os.unlink(log)
    times.sort()

    def percentile(share):
        return times[min(len(times) - 1, int(len(times) * share))] if times else None

    errors = int(total[2]) + int(total[3]) + int(good[3]) + int(good[4])
    return Result(int(good[1]), taken, percentile(0.5), percentile(0.99), percentile(0.999), errors)


def _handshakes(port, seconds, kind):
    """Handshakes without a request, of clients that each make one after the other (wrk resumes its sessions)."""
    command = [
        programs.find("openssl"), "s_time", "-connect", f"127.0.0.1:{port}", *kind, "-time", str(max(1, round(seconds))),
    ]
    requests = taken = 0
    for output in processes.run_many([command] * HANDSHAKING_CLIENTS, processes.LOAD_CORE, seconds):
        found = re.search(r"(\d+) connections in (\d+) real seconds", output)
        if not found:
            raise processes.Failed("openssl s_time said:\n" + output)
        requests += int(found[1])
        taken = max(taken, int(found[2]), 1)
    return Result(requests, taken)
