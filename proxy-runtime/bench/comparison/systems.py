"""The four systems: configuration and command of each for each case, doing the same work."""

import json
import os

import cases
import programs

NAMES = ["meshctl", "envoy", "haproxy", "nginx"]

# nginx 1.22 speaks no HTTP/2 to upstreams, but for gRPC; neither it nor HAProxy takes routes from a
# file that is watched.
_CANNOT = {("nginx", "h2"), ("nginx", "swap"), ("haproxy", "swap")}


def can(system, case):
    return (system, case) not in _CANNOT


class Setup:
    """What a proxy is started with."""

    def __init__(self, case, folder, upstream, pki, port, admin, peer=None):
        self.case, self.folder, self.pki = case, folder, pki
        self.port, self.admin = port, admin
        self.upstream = upstream.h2_port if case in cases.H2 else upstream.port
        # Of a pair: the port of the second proxy for the first, None for the second.
        self.peer = peer


def commands(system, setup, index=0):
    """Writes the configuration; gives the command and its environment."""
    name = os.path.join(setup.folder, f"{system}-{setup.case}-{index}")
    if system in ("meshctl", "envoy"):
        file = name + ".json"
        with open(file, "w") as out:
            json.dump(_bootstrap(setup), out, indent=1)
        if system == "envoy":
            return [
                programs.envoy(), "-c", file, "--concurrency", "1", "--log-level", "error", "--disable-hot-restart",
            ], {}
        return [programs.meshctl(), "proxy", "run", "-c", file, "--concurrency", "1"], {"MESHCTL_BUILD": "never"}
    file = name + ".conf"
    with open(file, "w") as out:
        out.write(_haproxy(setup) if system == "haproxy" else _nginx(setup))
    if system == "haproxy":
        return [programs.find("haproxy"), "-db", "-f", file], {}
    return [programs.find("nginx"), "-c", file, "-p", setup.folder, "-e", name + ".log"], {}


# ---- Envoy's bootstrap, for Envoy and for ours

_EXT = "type.googleapis.com/envoy.extensions."


def _bootstrap(setup):
    return {
        "node": {"id": "bench", "cluster": "bench"},
        "admin": {"address": _address(setup.admin)},
        "static_resources": {"listeners": [_listener(setup)], "clusters": [_cluster(setup)]},
    }


def _address(port):
    return {"socket_address": {"address": "127.0.0.1", "port_value": port}}


def _listener(setup):
    chain = {"filters": [_tcp() if setup.case == "tcp" else _http(setup)]}
    receiving = setup.case == "mtls-pair" and setup.peer is None
    if setup.case in cases.TLS or receiving:
        chain["transport_socket"] = _server_tls(setup, receiving)
    return {"name": "bench", "address": _address(setup.port), "filter_chains": [chain]}


def _tcp():
    return {
        "name": "envoy.filters.network.tcp_proxy",
        "typed_config": {
            "@type": _EXT + "filters.network.tcp_proxy.v3.TcpProxy", "stat_prefix": "bench", "cluster": "up",
        },
    }


def _http(setup):
    filters = []
    if setup.case == "mtls-pair" and setup.peer is None:
        filters.append({
            "name": "envoy.filters.http.rbac",
            "typed_config": {
                "@type": _EXT + "filters.http.rbac.v3.RBAC",
                "rules": {"action": "ALLOW", "policies": {"clients": {
                    "permissions": [{"any": True}],
                    "principals": [{"authenticated": {"principal_name": {
                        "exact": "spiffe://cluster.local/ns/bench/sa/client"}}}],
                }}},
            },
        })
    filters.append({
        "name": "envoy.filters.http.router", "typed_config": {"@type": _EXT + "filters.http.router.v3.Router"},
    })
    manager = {
        "@type": _EXT + "filters.network.http_connection_manager.v3.HttpConnectionManager",
        "stat_prefix": "bench",
        "route_config": {
            "name": "bench", "virtual_hosts": [{"name": "all", "domains": ["*"], "routes": _routes(setup)}],
        },
        "http_filters": filters,
    }
    if setup.case == "swap":
        del manager["route_config"]
        manager["rds"] = {
            "route_config_name": "bench",
            "config_source": {"resource_api_version": "V3", "path_config_source": {"path": routes_file(setup.folder)}},
        }
        swap(setup.folder, 0)
    if setup.case == "mtls-pair":
        manager["access_log"] = [{
            "name": "envoy.access_loggers.file",
            "typed_config": {
                "@type": _EXT + "access_loggers.file.v3.FileAccessLog",
                "path": os.path.join(setup.folder, f"access-{setup.port}.log"),
            },
        }]
    return {"name": "envoy.filters.network.http_connection_manager", "typed_config": manager}


def routes_file(folder):
    """Where the routes stand in the case that changes them."""
    return os.path.join(folder, "routes.json")


def swap(folder, number):
    """Moves another set of a hundred routes into place; each answers every request."""
    routes = [{"match": {"prefix": f"/{number}/{i}/"}, "route": {"cluster": "up"}} for i in range(100)]
    table = {
        "@type": "type.googleapis.com/envoy.config.route.v3.RouteConfiguration",
        "name": "bench",
        "virtual_hosts": [{
            "name": "all", "domains": ["*"], "routes": routes + [{"match": {"prefix": "/"}, "route": {"cluster": "up"}}],
        }],
    }
    next_file = routes_file(folder) + ".next"
    with open(next_file, "w") as out:
        json.dump({"version_info": str(number), "resources": [table]}, out)
    os.replace(next_file, routes_file(folder))


def _routes(setup):
    routes = [
        {"match": {"prefix": f"/r/{i}/"}, "route": {"cluster": "up"}}
        for i in range(cases.ROUTES.get(setup.case, 0))
    ]
    return routes + [{"match": {"prefix": "/"}, "route": {"cluster": "up"}}]


def _certificate(setup, name):
    return {
        "certificate_chain": {"filename": f"{setup.pki}/{name}.crt"},
        "private_key": {"filename": f"{setup.pki}/{name}.key"},
    }


def _server_tls(setup, mutual):
    common = {"tls_certificates": [_certificate(setup, "server")]}
    context = {"@type": _EXT + "transport_sockets.tls.v3.DownstreamTlsContext", "common_tls_context": common}
    if mutual:
        common["validation_context"] = {"trusted_ca": {"filename": f"{setup.pki}/ca.pem"}}
        context["require_client_certificate"] = True
    return {"name": "envoy.transport_sockets.tls", "typed_config": context}


def _cluster(setup):
    sending = setup.case == "mtls-pair" and setup.peer is not None
    cluster = {
        "name": "up", "type": "STATIC", "connect_timeout": "1s",
        "load_assignment": {"cluster_name": "up", "endpoints": [{"lb_endpoints": [
            {"endpoint": {"address": _address(setup.peer if sending else setup.upstream)}}]}]},
    }
    if setup.case in cases.H2:
        options = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions"
        cluster["typed_extension_protocol_options"] = {options: {
            "@type": "type.googleapis.com/" + options,
            "explicit_http_config": {"http2_protocol_options": {}},
        }}
    if sending:
        cluster["transport_socket"] = {
            "name": "envoy.transport_sockets.tls",
            "typed_config": {
                "@type": _EXT + "transport_sockets.tls.v3.UpstreamTlsContext",
                "sni": "localhost",
                "common_tls_context": {
                    "tls_certificates": [_certificate(setup, "client")],
                    "validation_context": {
                        "trusted_ca": {"filename": f"{setup.pki}/ca.pem"},
                        "match_typed_subject_alt_names": [{
                            "san_type": "URI",
                            "matcher": {"exact": "spiffe://cluster.local/ns/bench/sa/server"},
                        }],
                    },
                },
            },
        }
    return cluster


# ---- HAProxy


def _haproxy(setup):
    receiving = setup.case == "mtls-pair" and setup.peer is None
    sending = setup.case == "mtls-pair" and setup.peer is not None
    mode = "tcp" if setup.case == "tcp" else "http"
    bind = f"bind 127.0.0.1:{setup.port}"
    if setup.case in cases.TLS:
        bind += f" ssl crt {setup.pki}/server.pem"
    if receiving:
        bind += f" ssl crt {setup.pki}/server.pem ca-file {setup.pki}/ca.pem verify required"
    server = f"server up 127.0.0.1:{setup.peer if sending else setup.upstream}"
    if setup.case in cases.H2:
        server += " proto h2"
    if sending:
        server += f" ssl crt {setup.pki}/client.pem ca-file {setup.pki}/ca.pem verify required verifyhost localhost"
    front = [bind, "stats enable" if mode == "http" else ""]
    if setup.case == "mtls-pair":
        front += ["option httplog", "log global"]
    if receiving:
        front.append("http-request deny unless { ssl_c_s_dn(cn) -m str client }")
    backend = "default_backend up"
    count = cases.ROUTES.get(setup.case, 0)
    if count:
        routes = os.path.join(setup.folder, f"haproxy-{count}.map")
        with open(routes, "w") as out:
            out.writelines(f"/r/{i}/ up\n" for i in range(count))
        backend = f"use_backend %[path,map_beg({routes},up)]"
    lines = "\n  ".join(line for line in front + [backend] if line)
    return f"""
global
  nbthread 1
  maxconn 8000
  log stdout format raw local0
defaults
  mode {mode}
  timeout connect 1s
  timeout client 60s
  timeout server 60s
  {"option http-keep-alive" if mode == "http" else ""}
  {"http-reuse always" if mode == "http" else ""}
frontend bench
  {lines}
backend up
  {server}
"""


# ---- nginx


def _nginx(setup):
    receiving = setup.case == "mtls-pair" and setup.peer is None
    sending = setup.case == "mtls-pair" and setup.peer is not None
    name = f"nginx-{setup.port}"
    temporary = " ".join(
        f"{kind}_temp_path {setup.folder}/{name}-{kind};"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    head = f"""
daemon off; master_process off; worker_processes 1; pid {setup.folder}/{name}.pid;
error_log {setup.folder}/{name}.log crit;
events {{ worker_connections 8192; }}
"""
    if setup.case == "tcp":
        module = f"load_module {programs.STREAM_MODULE};" if os.path.exists(programs.STREAM_MODULE) else ""
        return module + head + f"""
stream {{
  server {{ listen 127.0.0.1:{setup.port} backlog=4096; proxy_pass 127.0.0.1:{setup.upstream}; }}
}}
"""
    grpc = setup.case.startswith("grpc")
    listen = f"127.0.0.1:{setup.port} backlog=4096"
    tls = ""
    if setup.case in cases.TLS or receiving:
        listen += " ssl"
        tls = (
            f"ssl_certificate {setup.pki}/server.crt; ssl_certificate_key {setup.pki}/server.key; "
            "ssl_protocols TLSv1.2 TLSv1.3; ssl_session_cache shared:SSL:10m;"
        )
    if receiving:
        tls += (
            f" ssl_verify_client on; ssl_client_certificate {setup.pki}/ca.pem;"
            ' if ($ssl_client_s_dn != "CN=client") { return 403; }'
        )
    if grpc:
        listen += " http2"
    forward = f"grpc_pass grpc://up;" if grpc else f"proxy_pass {'https' if sending else 'http'}://up;"
    if sending:
        forward += (
            f" proxy_ssl_certificate {setup.pki}/client.crt; proxy_ssl_certificate_key {setup.pki}/client.key;"
            f" proxy_ssl_trusted_certificate {setup.pki}/ca.pem; proxy_ssl_verify on; proxy_ssl_name localhost;"
        )
    http = "" if grpc else 'proxy_http_version 1.1; proxy_set_header Connection "";'
    routes = "\n".join(
        f"    location ^~ /r/{i}/ {{ {forward} }}" for i in range(cases.ROUTES.get(setup.case, 0))
    )
    log = f"{setup.folder}/{name}-access.log" if setup.case == "mtls-pair" else "off"
    return head + f"""
http {{
  access_log {log}; tcp_nodelay on; keepalive_requests 1000000000;
  {temporary}
  proxy_buffer_size 8k; proxy_buffers 16 16k; proxy_max_temp_file_size 0;
  upstream up {{
    server 127.0.0.1:{setup.peer if sending else setup.upstream}; keepalive 256; keepalive_requests 1000000000;
  }}
  server {{
    listen {listen};
    {tls}
    {http}
{routes}
    location / {{ {forward} }}
  }}
}}
"""
