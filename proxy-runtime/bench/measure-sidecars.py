"""Reads `meshctl local status -o json` and prints memory and CPU time of the mesh's sidecars.

With --each a line for every sidecar; always the median of RSS, PSS and private MiB and of CPU
seconds so far. Another word names the line of the median. With --start each sidecar is ended once, and
the time from the start of the process that replaces it to its readiness is printed: median and most.
"""

import json
import os
import signal
import statistics
import sys
import time
import urllib.error
import urllib.request

HERTZ = os.sysconf("SC_CLK_TCK")
LINE = "%-40s rss %6.1f MiB  pss %6.1f MiB  private %6.1f MiB  cpu so far %5.2f s"


def figures(pid):
    memory = {}
    with open(f"/proc/{pid}/smaps_rollup") as lines:
        for line in lines:
            parts = line.split()
            if parts[-1] == "kB":
                memory[parts[0].rstrip(":")] = int(parts[1]) / 1024
    with open(f"/proc/{pid}/stat") as line:
        stat = line.read().rsplit(")", 1)[1].split()
    cpu = (int(stat[11]) + int(stat[12])) / HERTZ
    private = memory["Private_Dirty"] + memory["Private_Clean"]
    return memory["Rss"], memory["Pss"], private, cpu


def ready(address):
    try:
        with urllib.request.urlopen(f"http://{address}:15021/healthz/ready", timeout=1) as answer:
            return answer.status == 200
    except (urllib.error.URLError, OSError):
        return False


def successor(pid, config):
    """The process that runs the same configuration as pid, which was ended."""
    for entry in os.listdir("/proc"):
        if entry.isdigit() and int(entry) != pid:
            try:
                with open(f"/proc/{entry}/cmdline", "rb") as line:
                    words = line.read().split(b"\0")
                with open(f"/proc/{entry}/stat") as line:
                    born = int(line.read().rsplit(")", 1)[1].split()[19])
            except OSError:
                continue
            if config in words and b"--lifeline" in words:
                return born / HERTZ
    return 0


def seconds_to_ready(process):
    pid = process["pid"]
    with open(f"/proc/{pid}/cmdline", "rb") as line:
        words = line.read().split(b"\0")
    config = words[words.index(b"--config") + 1]
    os.kill(pid, signal.SIGKILL)
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if ready(process["address"]):
            now = time.clock_gettime(time.CLOCK_BOOTTIME)
            return now - successor(pid, config)
        time.sleep(0.005)
    sys.exit(f"{process['name']} did not come back")


status = json.load(sys.stdin)
rows = []
for process in status["processes"]:
    if process["kind"] == "SIDECAR":
        rows.append(figures(process["pid"]))
        if "--each" in sys.argv:
            print(LINE % (process["name"], *rows[-1]))
name = next((word for word in sys.argv[1:] if not word.startswith("--")), "median")
print(LINE % (name, *[statistics.median(column) for column in zip(*rows)]))

if "--start" in sys.argv:
    starts = [seconds_to_ready(p) for p in status["processes"] if p["kind"] == "SIDECAR"]
    print(
        "start of a process to ready: median %.2f s, most %.2f s, of %d sidecars, one after another"
        % (statistics.median(starts), max(starts), len(starts))
    )
