package dev.meshctl.cli.local;

import dev.meshctl.app.config.ConfigFiles;
import dev.meshctl.app.config.ControlPlaneConfig;
import dev.meshctl.app.config.ProxyBootstrap;
import dev.meshctl.bundle.SigningKey;
import dev.meshctl.cli.context.Folders;
import dev.meshctl.cli.local.plan.AddressPlan;
import dev.meshctl.cli.local.plan.ReplicaPlan;
import dev.meshctl.cli.local.plan.WorkloadEnvironment;
import dev.meshctl.cli.local.process.ChildProcesses;
import dev.meshctl.cli.local.process.Generations;
import dev.meshctl.cli.local.process.ProcessSpec;
import dev.meshctl.cli.local.process.ReadinessProbe;
import dev.meshctl.cli.local.process.RuntimeLaunch;
import dev.meshctl.cli.local.process.RuntimeLaunch.Program;
import dev.meshctl.cli.runtime.SigningKeyFiles;
import dev.meshctl.identity.SpiffeId;
import dev.meshctl.model.query.MeshEndpoint;
import dev.meshctl.model.resource.PodTemplate;
import dev.meshctl.model.resource.PortRef;
import dev.meshctl.model.resource.Service;
import dev.meshctl.model.xds.ProxyNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/** What each process of a mesh is started with: its configuration file, command and environment. */
final class RuntimeSpecs {
  static final String GATEWAY = "istio-ingressgateway";
  static final String GATEWAY_NAMESPACE = "istio-system";
  private static final String GATEWAY_ACCOUNT = "istio-ingressgateway-service-account";

  /** Sized for a mesh of tens of services; the JVM grows into it as needed. */
  private static final List<String> PROXY_MEMORY =
      List.of(
          "-Xms24m",
          "-XX:NewSize=8m",
          "-Xmx64m",
          "-Xss512k",
          "-XX:MaxDirectMemorySize=64m",
          "-XX:ReservedCodeCacheSize=32m");

  private static final List<String> CONTROL_PLANE_MEMORY = List.of("-Xms16m", "-Xmx192m");

  private static final long CERTIFICATE_LIFETIME_SECONDS = 24 * 3600L;

  private final LocalMeshOptions options;
  private final RunFolder run;
  private final AddressPlan addresses;
  private final Credentials credentials;
  private final Inventory inventory;
  private final RuntimeLaunch launch;
  private final ProcessEnvironment environment;
  private final AtomicInteger counter = new AtomicInteger();

  RuntimeSpecs(
      LocalMeshOptions options,
      RunFolder run,
      AddressPlan addresses,
      Credentials credentials,
      Inventory inventory,
      RuntimeLaunch launch,
      ProcessEnvironment environment) {
    this.options = options;
    this.run = run;
    this.addresses = addresses;
    this.credentials = credentials;
    this.inventory = inventory;
    this.launch = launch;
    this.environment = environment;
  }

  MeshEndpoint endpoint() {
    return new MeshEndpoint(
        "https://" + addresses.controlPlane() + ":" + AddressPlan.QUERY_PORT,
        trustBundle().toString(),
        credentials.operatorFile().toString());
  }

  /** Written by the control plane when it has made or read its root. */
  Path trustBundle() {
    return run.folder().resolve("state").resolve("root-cert.pem");
  }

  ProcessSpec controlPlane() throws IOException {
    Path config =
        run.write(
            "control-plane.json",
            ConfigFiles.json(
                new ControlPlaneConfig(
                    options.name(),
                    Folders.TRUST_DOMAIN,
                    options.configFolder().toString(),
                    inventory.file().toString(),
                    run.folder().resolve("state").toString(),
                    credentials.publicKeyFile().toString(),
                    addresses.controlPlane() + ":" + AddressPlan.DISCOVERY_PORT,
                    addresses.controlPlane() + ":" + AddressPlan.QUERY_PORT,
                    CERTIFICATE_LIFETIME_SECONDS)));
    return main(
        "control-plane",
        Program.CONTROL_PLANE,
        CONTROL_PLANE_MEMORY,
        config,
        new ProcessSpec.Place.Here());
  }

  /** Of the gateway, one after another. */
  Generations gatewayGenerations(ChildProcesses children) throws IOException {
    ProcessSpec first = gateway();
    return generations(first, children);
  }

  /** Of a sidecar, one after another. */
  Generations sidecarGenerations(
      ReplicaPlan.Running replica, ProcessSpec.Place place, ChildProcesses children)
      throws IOException {
    return generations(sidecar(replica, place), children);
  }

  private Generations generations(ProcessSpec first, ChildProcesses children) {
    // Not by its name: what a socket is called may have a hundred letters, all folders included.
    Path folder = run.folder().resolve("g").resolve(Integer.toString(counter.incrementAndGet()));
    return new Generations(
        new Generations.Setting(
            first.name(),
            folder,
            launch.folder(),
            trustedKeys(),
            (runtime, more) -> {
              Map<String, String> environment = new LinkedHashMap<>(first.environment());
              environment.putAll(more);
              List<String> command =
                  runtime
                      .map(at -> launch.command(at, Program.PROXY, arguments(first)))
                      .orElse(first.command());
              return new ProcessSpec(
                  first.name(),
                  command,
                  environment,
                  first.directory(),
                  first.log(),
                  first.input(),
                  first.place());
            }),
        children);
  }

  /** Named by the environment, or the key with which this user signs. */
  private static Path trustedKeys() {
    String named = System.getenv().getOrDefault("MESHCTL_TRUSTED_KEYS", "");
    return named.isEmpty()
        ? SigningKey.publicFile(SigningKeyFiles.usual(System.getenv())).toAbsolutePath()
        : Path.of(named).toAbsolutePath();
  }

  /** Behind the main class. */
  private static List<String> arguments(ProcessSpec of) {
    return of.command().subList(of.command().indexOf("--config"), of.command().size());
  }

  private ProcessSpec gateway() throws IOException {
    String address = addresses.gateway(0);
    ProxyNode node =
        new ProxyNode(
            "router~"
                + address
                + "~"
                + GATEWAY
                + "-0."
                + GATEWAY_NAMESPACE
                + "~"
                + GATEWAY_NAMESPACE
                + ".svc.cluster.local",
            ProxyNode.Role.GATEWAY,
            GATEWAY_NAMESPACE,
            GATEWAY,
            GATEWAY + "-0",
            GATEWAY_ACCOUNT,
            Map.of("app", GATEWAY, "istio", "ingressgateway"),
            new ProxyNode.Capture.Edge(address));
    // Shares the machine's network with others, so its admin takes the port that is free.
    String admin = options.transparent() ? "127.0.0.1:0" : address + ":" + AddressPlan.ADMIN_PORT;
    return proxy("gateway", node, admin, address, "", Here.INSTANCE);
  }

  private static final class Here {
    static final ProcessSpec.Place INSTANCE = new ProcessSpec.Place.Here();
  }

  static String sidecarName(ReplicaPlan.Running replica) {
    return replica.namespace() + "." + replica.name() + ".sidecar";
  }

  private ProcessSpec sidecar(ReplicaPlan.Running replica, ProcessSpec.Place place)
      throws IOException {
    String address = addresses.peer(replica.number());
    ProxyNode node =
        new ProxyNode(
            "sidecar~"
                + address
                + "~"
                + replica.name()
                + "."
                + replica.namespace()
                + "~"
                + replica.namespace()
                + ".svc.cluster.local",
            ProxyNode.Role.SIDECAR,
            replica.namespace(),
            replica.workload(),
            replica.name(),
            Replica.serviceAccount(replica.template()),
            replica.template().labels(),
            addresses.capture(replica.number()));
    String dns = options.transparent() ? "127.0.0.1:" + AddressPlan.DNS_PORT : "";
    String admin = (options.transparent() ? "127.0.0.1" : address) + ":" + AddressPlan.ADMIN_PORT;
    return proxy(sidecarName(replica), node, admin, address, dns, place);
  }

  private ProcessSpec proxy(
      String name,
      ProxyNode node,
      String admin,
      String address,
      String dns,
      ProcessSpec.Place place)
      throws IOException {
    Path token =
        credentials.workload(
            new SpiffeId(Folders.TRUST_DOMAIN, node.namespace(), node.serviceAccount()));
    Path config =
        run.write(
            "proxies/" + name + ".json",
            ConfigFiles.json(
                new ProxyBootstrap(
                    node,
                    Folders.TRUST_DOMAIN,
                    addresses.controlPlane() + ":" + AddressPlan.DISCOVERY_PORT,
                    trustBundle().toString(),
                    token.toString(),
                    admin,
                    address + ":" + AddressPlan.HEALTH_PORT,
                    dns,
                    run.log(name + ".access").toString(),
                    1)));
    return main(name, Program.PROXY, PROXY_MEMORY, config, place);
  }

  private ProcessSpec main(
      String name, Program program, List<String> memory, Path config, ProcessSpec.Place place) {
    return new ProcessSpec(
        name,
        launch.command(program, memory, List.of("--config", config.toString(), "--lifeline")),
        program == Program.CONTROL_PLANE ? environment.ofControlPlane() : environment.everywhere(),
        run.folder(),
        run.log(name),
        ProcessSpec.Input.LIFELINE,
        place);
  }

  static String containerName(ReplicaPlan.Running replica, PodTemplate.Container container) {
    String suffix = replica.template().containers().size() == 1 ? "" : "." + container.name();
    return replica.namespace() + "." + replica.name() + suffix;
  }

  ProcessSpec container(
      ReplicaPlan.Running replica,
      PodTemplate.Container container,
      List<Service> services,
      ProcessSpec.Place place) {
    String address = addresses.workload(replica.number());
    Map<String, String> inherited = new LinkedHashMap<>(environment.everywhere());
    inherited.put("PATH", options.programs() + ":" + environment.everywhere().get("PATH"));
    inherited.put("HOSTNAME", replica.name());
    services.stream()
        .filter(service -> service.metadata().namespace().equals(replica.namespace()))
        .forEach(service ->
            inherited.putAll(
                WorkloadEnvironment.ofService(
                    service, addresses.service(replica.number(), inventory.number(service)))));
    if (!options.transparent()) {
      String proxy =
          "http://" + addresses.peer(replica.number()) + ":" + AddressPlan.HTTP_PROXY_PORT;
      inherited.put("HTTP_PROXY", proxy);
      inherited.put("http_proxy", proxy);
    }
    Map<String, String> workloadEnvironment =
        WorkloadEnvironment.of(
            container,
            new WorkloadEnvironment.PodFacts(
                replica.name(),
                replica.namespace(),
                address,
                Replica.serviceAccount(replica.template()),
                "local",
                replica.template().labels(),
                replica.template().annotations()),
            inherited);
    return new ProcessSpec(
        containerName(replica, container),
        WorkloadEnvironment.commandLine(container, workloadEnvironment),
        workloadEnvironment,
        run.folder(),
        run.log(containerName(replica, container)),
        ProcessSpec.Input.NOTHING,
        place);
  }

  /** The readiness probe of a container; without one it serves when its ports do. */
  static ReadinessProbe probe(
      PodTemplate.Container container, String address, MeshNetwork network) {
    return container
        .readinessProbe()
        .map(probe -> {
          ReadinessProbe.Target target = network.target(address, port(container, probe.port()));
          return switch (probe) {
            case PodTemplate.Probe.HttpGet(String path, PortRef port) ->
                new ReadinessProbe.Http(target, path);
            case PodTemplate.Probe.TcpSocket(PortRef port) -> new ReadinessProbe.Tcp(target);
            case PodTemplate.Probe.Grpc(PortRef port) -> new ReadinessProbe.Http2(target);
          };
        })
        .orElseGet(() ->
            new ReadinessProbe.All(
                container.ports().stream()
                    .<ReadinessProbe>map(
                        port -> new ReadinessProbe.Tcp(network.target(address, port.port())))
                    .toList()));
  }

  private static int port(PodTemplate.Container container, PortRef ref) {
    return switch (ref) {
      case PortRef.Number(int port) -> port;
      case PortRef.Name(String name) ->
          container.ports().stream()
              .filter(port -> port.name().equals(name))
              .findFirst()
              .orElseThrow(() ->
                  new IllegalArgumentException(
                      "container "
                          + container.name()
                          + ": readinessProbe names port "
                          + name
                          + " (expected: one of its ports)"))
              .port();
    };
  }
}
