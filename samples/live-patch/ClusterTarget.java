import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;

/**
 * The bookshop on the cluster of a KUBECONFIG: what is there already is used, what is missing of
 * mesh, shop, way in and customers is made, and taken away at the end.
 */
final class ClusterTarget implements Target {
  private static final String SYSTEM = "meshctl-system";
  private static final Duration PATIENCE = Duration.ofSeconds(5);
  private static final String SHOP_IMAGE = "meshctl/bookshop:1.0";
  private static final List<String> SHOP =
      List.of(
          "namespace",
          "security",
          "stock",
          "ratings",
          "catalog",
          "reviews",
          "storefront",
          "traffic",
          "gateway");

  private final Path samples;
  private final Meshctl meshctl;
  private final Meshctl kubectl;
  private final Images images;
  private final Optional<URI> named;
  private final Consumer<String> step;
  private final Deque<Undo> undo = new ArrayDeque<>();
  private URI gateway = URI.create("http://127.0.0.1");

  private interface Undo {
    void undo() throws IOException, InterruptedException;
  }

  /**
   * Where nodes find what they run.
   *
   * @param mesh REPOSITORY:TAG of ours; empty where a mesh is there
   * @param shop of the bookshop's services, other than {@code meshctl/bookshop:1.0}
   * @param trusts the mesh that is there trusts our key
   */
  record Images(Optional<String> mesh, Optional<String> shop, boolean trusts) {}

  /**
   * @param named the way in, where the cluster does not say it
   * @param step hears what is begun
   */
  ClusterTarget(
      Path root,
      Meshctl meshctl,
      Map<String, String> environment,
      Images images,
      Optional<URI> named,
      Consumer<String> step) {
    this.step = step;
    this.samples = root.resolve("samples");
    this.meshctl = meshctl;
    this.kubectl = new Meshctl("kubectl", environment);
    this.images = images;
    this.named = named;
  }

  @Override
  public void begin(Path key) throws IOException, InterruptedException {
    if (there("deployment/meshctl-control-plane", SYSTEM)) {
      if (!images.trusts) {
        throw new IOException(
            "this cluster has a mesh: name with --key the private key whose bundles it trusts");
      }
    } else {
      step.accept("installing the mesh");
      install(key);
    }
    if (!there("namespace/bookshop", "default")) {
      step.accept("making the bookshop");
      undo.push(() -> kubectl.must("delete", "namespace", "bookshop"));
      for (String each : SHOP) {
        apply("bookshop/" + each);
      }
    }
    if (named.isEmpty() && services().isEmpty()) {
      step.accept("making its way in");
      undo.push(() -> kubectl.must("delete", "namespace", "ingress"));
      apply("on-cluster/ingress");
      available("ingress");
    }
    step.accept("waiting until it is open");
    available("bookshop");
    if (!there("deployment/customers", "bookshop")) {
      step.accept("bringing customers");
      undo.push(() ->
          kubectl.must("-n", "bookshop", "delete", "deployment,serviceaccount", "customers"));
      apply("on-cluster/customers");
      available("bookshop");
    }
    gateway = named.isPresent() ? named.get() : found();
    answers();
  }

  /** Nobody is asked again and again who has not said that he is the shop. */
  private void answers() throws IOException, InterruptedException {
    URI books = gateway.resolve("/books");
    String said = "";
    try (HttpClient http = HttpClient.newBuilder().connectTimeout(PATIENCE).build()) {
      for (int tries = 0; tries < 10; tries++) {
        try {
          HttpResponse<String> answer =
              http.send(
                  HttpRequest.newBuilder(books).timeout(PATIENCE).build(),
                  HttpResponse.BodyHandlers.ofString());
          said = answer.statusCode() + " " + answer.body();
          if (answer.statusCode() == 200 && answer.body().contains("\"title\":")) {
            return;
          }
        } catch (IOException unreachable) {
          said = unreachable.toString();
        }
        Thread.sleep(Duration.ofSeconds(1));
      }
    }
    throw new IOException(
        books + " is not the bookshop (name its way in with --gateway): "
            + said.substring(0, Math.min(200, said.length())));
  }

  private void install(Path key) throws IOException, InterruptedException {
    String image =
        images.mesh.orElseThrow(() ->
            new IOException(
                "this cluster has no mesh: name with --image what `meshctl runtime image` made, where"
                    + " its nodes find it"));
    int tag = image.lastIndexOf(':');
    if (tag < 0 || image.indexOf('/', tag) > 0) {
      throw new IOException("--image " + image + " (expected: REPOSITORY:TAG)");
    }
    String trusted =
        Files.readAllLines(key).stream()
            .filter(line -> !line.startsWith("-----"))
            .collect(Collectors.joining());
    undo.push(() -> {
      // Only this run's can be there.
      kubectl.run("-n", SYSTEM, "delete", "runtimepatches", "--all", "--ignore-not-found");
      meshctl.must(asked("uninstall"));
    });
    meshctl.must(
        asked(
            "install",
            "--set",
            "image.repository=" + image.substring(0, tag),
            "--set",
            "image.tag=" + image.substring(tag + 1),
            "--set",
            "runtime.trustedKeys=" + trusted));
  }

  private boolean there(String what, String namespace) throws IOException, InterruptedException {
    return !kubectl
        .must("-n", namespace, "get", what, "--ignore-not-found", "-o", "name")
        .out()
        .isBlank();
  }

  private void apply(String sample) throws IOException, InterruptedException {
    String text = Files.readString(samples.resolve(sample + ".yaml"));
    kubectl.mustRead(
        images.shop.map(name -> text.replace(SHOP_IMAGE, name)).orElse(text), "apply", "-f", "-");
  }

  private void available(String namespace) throws IOException, InterruptedException {
    kubectl.must(
        "-n",
        namespace,
        "wait",
        "deployments",
        "--all",
        "--for=condition=Available",
        "--timeout=180s");
  }

  private JsonNode services() throws IOException, InterruptedException {
    return kubectl
        .must("get", "services", "-A", "-l", "istio=ingressgateway", "-o", "json")
        .json()
        .path("items");
  }

  /** The address of the load balancer, or a port of a node. */
  private URI found() throws IOException, InterruptedException {
    for (JsonNode service : services()) {
      JsonNode ingress = service.path("status").path("loadBalancer").path("ingress").path(0);
      String host = ingress.path("ip").asString(ingress.path("hostname").asString(""));
      for (JsonNode port : service.path("spec").path("ports")) {
        if (port.path("port").asInt() == 8080 || port.path("name").asString().startsWith("http")) {
          if (!host.isEmpty()) {
            return URI.create("http://" + host + ":" + port.path("port").asInt());
          }
          if (port.has("nodePort")) {
            JsonNode nodes = kubectl.must("get", "nodes", "-o", "json").json();
            for (JsonNode address : nodes.path("items").path(0).path("status").path("addresses")) {
              if (address.path("type").asString().equals("InternalIP")) {
                return URI.create(
                    "http://"
                        + address.path("address").asString()
                        + ":"
                        + port.path("nodePort").asInt());
              }
            }
          }
        }
      }
    }
    throw new IOException("no Service istio=ingressgateway has an address: name it with --gateway");
  }

  @Override
  public Meshctl meshctl() {
    return meshctl;
  }

  /** Which cluster is asked follows from KUBECONFIG, but has to be said. */
  @Override
  public String[] asked(String... words) {
    String[] all = java.util.Arrays.copyOf(words, words.length + 2);
    all[words.length] = "--kubeconfig";
    all[words.length + 1] = System.getenv("KUBECONFIG");
    return all;
  }

  @Override
  public URI gateway() {
    return gateway;
  }

  @Override
  public Optional<InetSocketAddress> within() {
    return Optional.empty();
  }

  /** Of the pod that asks from within, as its log says. */
  @Override
  public Counts customers() throws IOException, InterruptedException {
    List<String> lines =
        kubectl
            .must("-n", "bookshop", "logs", "deployment/customers", "-c", "customers", "--tail=20")
            .out()
            .lines()
            .filter(line -> line.startsWith("{\"sent\":"))
            .toList();
    if (lines.isEmpty()) {
      return Counts.NONE;
    }
    JsonNode said = Meshctl.JSON.readTree(lines.getLast());
    return new Counts(said.path("sent").asLong(), said.path("failed").asLong());
  }

  @Override
  public int restarts() throws IOException, InterruptedException {
    int all = 0;
    for (JsonNode pod : kubectl.must("get", "pods", "-A", "-o", "json").json().path("items")) {
      for (String kind : new String[] {"containerStatuses", "initContainerStatuses"}) {
        for (JsonNode container : pod.path("status").path(kind)) {
          all += container.path("restartCount").asInt();
        }
      }
    }
    return all;
  }

  /** Of the replica that performs patches, with its pod and what it kept there. */
  @Override
  public void killControlPlane() throws IOException, InterruptedException {
    JsonNode leases = kubectl.must("-n", SYSTEM, "get", "leases", "-o", "json").json();
    for (JsonNode lease : leases.path("items")) {
      String leads = lease.path("spec").path("holderIdentity").asString("");
      // One that nobody holds names nobody.
      if (!leads.isEmpty() && there("pod/" + leads, SYSTEM)) {
        kubectl.must(
            "-n", SYSTEM, "delete", "pod", leads, "--grace-period=0", "--force", "--wait=false");
        return;
      }
    }
    throw new IOException("no replica of the control plane leads: " + leases.path("items"));
  }

  @Override
  public boolean tamper(String digest, String fault) {
    return false;
  }

  @Override
  public void close() throws IOException, InterruptedException {
    Optional<IOException> left = Optional.empty();
    while (!undo.isEmpty()) {
      try {
        undo.pop().undo();
      } catch (IOException failed) {
        // The others go all the same.
        left = Optional.of(left.orElse(failed));
      }
    }
    if (left.isPresent()) {
      throw left.get();
    }
  }
}
