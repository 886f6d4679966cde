"""Reads `meshctl local status -o json` and prints memory and CPU time of the mesh's sidecars.

With --each a line for every sidecar; always the median of RSS, PSS and private MiB and of CPU
seconds so far. Another word names the line of the median.
"""

import json
import os
import statistics
import sys

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


rows = []
for process in json.load(sys.stdin)["processes"]:
    if process["kind"] == "SIDECAR":
        rows.append(figures(process["pid"]))
        if "--each" in sys.argv:
            print(LINE % (process["name"], *rows[-1]))
name = next((word for word in sys.argv[1:] if not word.startswith("--")), "median")
print(LINE % (name, *[statistics.median(column) for column in zip(*rows)]))
