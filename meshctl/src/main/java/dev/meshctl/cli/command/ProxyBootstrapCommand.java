package dev.meshctl.cli.command;

import dev.meshctl.app.config.ConfigFiles;
import dev.meshctl.app.config.ProxyBootstrap;
import dev.meshctl.cli.Action;
import dev.meshctl.cli.CommandFailure;
import dev.meshctl.cli.ExitCode;
import dev.meshctl.cli.Session;
import dev.meshctl.identity.FileIdentity;
import dev.meshctl.identity.IdentityException;
import dev.meshctl.identity.SpiffeId;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * {@code meshctl proxy bootstrap}: what a real Envoy needs to take part as a gateway: an identity
 * in files and a bootstrap that names our control plane.
 */
@Command(
    name = "bootstrap",
    description = "Write what an Envoy needs to serve as a gateway of a running local mesh.")
public final class ProxyBootstrapCommand implements Action {
  private static final Duration ISSUE_LIMIT = Duration.ofSeconds(10);

  @Parameters(
      index = "0",
      paramLabel = "FOLDER",
      description = "Where certificate, key and envoy.json go; made if missing.")
  private Path folder = Path.of("");

  @Option(
      names = "--bind",
      required = true,
      paramLabel = "ADDRESS",
      description = "Address that this gateway listens on, at the ports of the mesh's Gateways.")
  private String bind = "";

  @Mixin private MeshOption mesh = new MeshOption();

  @Override
  public ExitCode run(Session session) throws IOException, InterruptedException {
    Path gateway =
        session.meshes().folder(mesh.mesh(session).name()).resolve("proxies/gateway.json");
    if (!Files.exists(gateway)) {
      throw CommandFailure.failed(
          "the mesh has no gateway to stand in for (" + gateway + " is missing)",
          "add a Gateway to its folder");
    }
    ProxyBootstrap ours = ConfigFiles.readProxy(gateway);
    String discovery = ours.discoveryAddress();
    int colon = discovery.lastIndexOf(':');
    InetSocketAddress authority =
        new InetSocketAddress(
            discovery.substring(0, colon), Integer.parseInt(discovery.substring(colon + 1)));
    try {
      FileIdentity.issue(
          authority,
          Path.of(ours.trustBundleFile()),
          new SpiffeId(ours.trustDomain(), ours.node().namespace(), ours.node().serviceAccount()),
          Path.of(ours.tokenFile()),
          folder.toAbsolutePath(),
          ISSUE_LIMIT);
    } catch (IdentityException refused) {
      throw CommandFailure.failed(
          String.valueOf(refused.getMessage()), "see `meshctl local status`");
    }
    Path file = folder.toAbsolutePath().resolve("envoy.json");
    Files.writeString(file, EnvoyBootstrap.of(ours, bind, folder.toAbsolutePath(), authority));
    session.output().line("wrote " + file);
    session.output().line("start it:  envoy -c " + file);
    return ExitCode.OK;
  }

  /** The bootstrap as text. */
  private static final class EnvoyBootstrap {
    static String of(ProxyBootstrap ours, String bind, Path folder, InetSocketAddress authority) {
      String name = ours.node().instance() + "-envoy";
      String secret =
          """
          {"name": "default", "tls_certificate": {
            "certificate_chain": {"filename": "%1$s/%2$s"},
            "private_key": {"filename": "%1$s/%3$s"}}}\
          """
              .formatted(folder, FileIdentity.CERTIFICATE_FILE, FileIdentity.KEY_FILE);
      return """
      {
        "node": {
          "id": "router~%1$s~%2$s.%3$s~%3$s.svc.cluster.local",
          "cluster": "%4$s",
          "metadata": {
            "NAMESPACE": "%3$s",
            "WORKLOAD_NAME": "%4$s",
            "SERVICE_ACCOUNT": "%5$s",
            "MESHCTL_BIND_ADDRESS": "%1$s",
            "LABELS": {%6$s}
          }
        },
        "admin": {"address": {"socket_address": {"address": "%1$s", "port_value": 15000}}},
        "dynamic_resources": {
          "ads_config": {
            "api_type": "DELTA_GRPC", "transport_api_version": "V3",
            "grpc_services": [{"envoy_grpc": {"cluster_name": "meshctl"}}]
          },
          "cds_config": {"ads": {}, "resource_api_version": "V3"},
          "lds_config": {"ads": {}, "resource_api_version": "V3"}
        },
        "static_resources": {
          "secrets": [
      %7$s],
          "clusters": [{
            "name": "meshctl", "type": "STATIC", "connect_timeout": "3s",
            "typed_extension_protocol_options": {
              "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": {
                "@type": "type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions",
                "explicit_http_config": {"http2_protocol_options": {}}
              }
            },
            "load_assignment": {"cluster_name": "meshctl", "endpoints": [{"lb_endpoints": [
              {"endpoint": {"address": {"socket_address": {"address": "%8$s", "port_value": %9$d}}}}
            ]}]},
            "transport_socket": {
              "name": "envoy.transport_sockets.tls",
              "typed_config": {
                "@type": "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext",
                "common_tls_context": {
                  "alpn_protocols": ["h2"],
                  "tls_certificate_sds_secret_configs": [{"name": "default"}],
                  "validation_context": {"trusted_ca": {"filename": "%10$s/%11$s"}}
                }
              }
            }
          }]
        }
      }
      """
          .formatted(
              bind,
              name,
              ours.node().namespace(),
              ours.node().workload(),
              ours.node().serviceAccount(),
              labels(ours),
              secret,
              authority.getHostString(),
              authority.getPort(),
              folder,
              FileIdentity.TRUST_FILE);
    }

    private static String labels(ProxyBootstrap ours) {
      List<String> pairs =
          ours.node().labels().entrySet().stream()
              .map(label -> "\"" + label.getKey() + "\": \"" + label.getValue() + "\"")
              .sorted()
              .toList();
      return String.join(", ", pairs);
    }
  }
}
