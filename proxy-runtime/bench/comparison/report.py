"""Lines and tables for people."""

import datetime
import os
import statistics

import processes
import programs

_COLUMNS = [
    ("requests/s", "rps", "%.0f"), ("CPU us", "cpuMicrosPerRequest", "%.1f"), ("p50 ms", "p50Ms", "%.2f"),
    ("p99 ms", "p99Ms", "%.2f"), ("p99.9 ms", "p999Ms", "%.2f"), ("RSS MiB", "rssMiB", "%.0f"),
    ("private MiB", "privateMiB", "%.0f"), ("first ms", "firstResponseMs", "%.0f"),
]


def machine(bench):
    with open("/proc/cpuinfo") as lines:
        cpu = next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), "?")
    kernel = os.uname()
    lines = [
        f"machine  {kernel.sysname} {kernel.release}, {os.cpu_count()} cores, {cpu}",
        f"date     {datetime.datetime.now(datetime.timezone.utc):%Y-%m-%d %H:%M} UTC, "
        f"load before {os.getloadavg()[0]:.2f}",
        f"cores    proxy on {sorted(processes.PROXY_CORE)}, load and upstream on {sorted(processes.LOAD_CORE)}",
    ]
    if processes.PROXY_CORE == processes.LOAD_CORE:
        lines.append("         (one core for all: only the CPU figures mean anything)")
    lines += [f"system   {name}: {programs.version(name)}" for name in bench.options.systems]
    return "\n".join(lines)


def _text(format_, value):
    return "-" if value is None else format_ % value


def line(row):
    figures = "  ".join(f"{_text(f, row[key])} {name}" for name, key, f in _COLUMNS[:5])
    errors = f"  {row['errors']} ERRORS" if row["errors"] else ""
    return f"{row['case']:<22} round {row['round']}  {row['system']:<8} {figures}{errors}"


def table(rows):
    """Markdown: medians of the rounds, and ratios to Envoy."""
    groups = {}
    for row in rows:
        groups.setdefault((row["case"], row["system"]), []).append(row)
    head = ["case", "system"] + [name for name, _, _ in _COLUMNS] + ["CPU / Envoy", "requests/s / Envoy"]
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    for (case, system), group in groups.items():
        medians = {key: _median(group, key) for _, key, _ in _COLUMNS}
        cells = [case, system] + [_text(f, medians[key]) for _, key, f in _COLUMNS]
        envoy = groups.get((case, "envoy"))
        for key in ("cpuMicrosPerRequest", "rps"):
            base = _median(envoy, key) if envoy else None
            cells.append("%.2f" % (medians[key] / base) if base else "-")
        lines.append("| " + " | ".join(cells) + " |")
    failed = sum(row["errors"] for row in rows)
    if failed:
        lines.append("\nrequests that failed: " + ", ".join(
            f"{row['case']} {row['system']} round {row['round']}: {row['errors']}" for row in rows if row["errors"]
        ))
    return "\n".join(lines)


def _median(group, key):
    values = [row[key] for row in group if row[key] is not None]
    return statistics.median(values) if values else None
