"""What the proxies stand before: nginx for HTTP/1, nghttpd for HTTP/2 and gRPC."""

import os
import subprocess

import processes
import programs

NGINX = """
daemon off; master_process off; worker_processes 1; pid {folder}/upstream.pid;
error_log {folder}/upstream.log crit;
events {{ worker_connections 8192; }}
http {{
  access_log off; sendfile on; tcp_nodelay on; keepalive_requests 1000000000; keepalive_timeout 3600s;
  default_type application/octet-stream;
  client_body_temp_path {folder}/u1; proxy_temp_path {folder}/u2; fastcgi_temp_path {folder}/u3;
  uwsgi_temp_path {folder}/u4; scgi_temp_path {folder}/u5;
  open_file_cache max=100;
  server {{
    listen 127.0.0.1:{port} backlog=8192 reuseport;
    root {folder}/www;
    location / {{ try_files $uri /1k; }}
  }}
}}
"""


class Upstream:
    def __init__(self, started, folder):
        www = os.path.join(folder, "www")
        os.makedirs(www)
        for name, size in (("1k", 1024), ("64k", 64 * 1024), ("1m", 1024 * 1024)):
            with open(os.path.join(www, name), "wb") as file:
                file.write(b"x" * size)
        self.port, self.h2_port = processes.free_ports(2)
        config = os.path.join(folder, "upstream.conf")
        with open(config, "w") as file:
            file.write(NGINX.format(folder=folder, port=self.port))
        log = os.path.join(folder, "upstream.out")
        nginx = started.start(
            [programs.find("nginx"), "-c", config, "-p", folder, "-e", log], processes.LOAD_CORE, log
        )
        nghttpd = started.start(
            [
                programs.find("nghttpd"), "--no-tls", "-n1", "-d", www, "-a", "127.0.0.1",
                "--trailer", "grpc-status: 0", str(self.h2_port),
            ],
            processes.LOAD_CORE, log,
        )
        processes.await_port(self.port, nginx, log)
        processes.await_port(self.h2_port, nghttpd, log)


def certificates(folder):
    """A certificate authority, a server's and a client's certificate with SPIFFE names."""
    pki = os.path.join(folder, "pki")
    os.makedirs(pki)
    openssl = programs.find("openssl")

    def do(*words):
        subprocess.run([openssl, *words], cwd=pki, check=True, capture_output=True)

    do("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "7",
       "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=bench")
    for name in ("server", "client"):
        with open(os.path.join(pki, name + ".ext"), "w") as file:
            file.write(f"subjectAltName=URI:spiffe://cluster.local/ns/bench/sa/{name},DNS:localhost\n")
        do("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
           "-keyout", name + ".key", "-out", name + ".csr", "-subj", "/CN=" + name)
        do("x509", "-req", "-in", name + ".csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial",
           "-days", "7", "-extfile", name + ".ext", "-out", name + ".crt")
        with open(os.path.join(pki, name + ".pem"), "w") as both:
            for part in (name + ".crt", name + ".key"):
                with open(os.path.join(pki, part)) as text:
                    both.write(text.read())
    return pki
