"""The cases by name: what a client asks, and how the load is made."""

NAMES = [
    "h1", "h1-64k", "h1-1m", "h1-newconn", "h2", "grpc", "grpc-stream", "tls", "tls-handshake", "tcp",
    "routes-100", "routes-10000", "mtls-pair", "rate-1000", "swap",
]

# How many routes stand before a request, where the case is about routes.
ROUTES = {"routes-100": 100, "routes-10000": 10_000}

# Cases whose clients speak TLS to the proxy.
TLS = {"tls", "tls-handshake"}

# Cases in HTTP/2 on both sides.
H2 = {"h2", "grpc", "grpc-stream"}


def path(case):
    """What is asked for."""
    return {"h1-64k": "/64k", "h1-1m": "/1m", "grpc-stream": "/64k"}.get(case, "/1k")
