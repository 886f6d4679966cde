import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/**
 * The bookshop on the cluster of a KUBECONFIG, where `meshctl install` has been and the bookshop is
 * injected; the load within is that of its own services.
 */
final class ClusterTarget implements Target {
  private final Meshctl meshctl;
  private final Meshctl kubectl;
  private final Optional<URI> named;
  private URI gateway = URI.create("http://127.0.0.1");

  /**
   * @param named the way in, where the cluster does not say it
   */
  ClusterTarget(Meshctl meshctl, Map<String, String> environment, Optional<URI> named) {
    this.meshctl = meshctl;
    this.kubectl = new Meshctl("kubectl", environment);
    this.named = named;
  }

  @Override
  public void begin() throws IOException, InterruptedException {
    gateway = named.isPresent() ? named.get() : found();
    kubectl.must(
        "-n",
        "bookshop",
        "wait",
        "deployments",
        "--all",
        "--for=condition=Available",
        "--timeout=120s");
  }

  /** The address of the load balancer, or a port of a node. */
  private URI found() throws IOException, InterruptedException {
    JsonNode services =
        kubectl.must("get", "services", "-A", "-l", "istio=ingressgateway", "-o", "json").json();
    for (JsonNode service : services.path("items")) {
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

  @Override
  public void killControlPlane() throws IOException, InterruptedException {
    kubectl.must(
        "-n",
        "meshctl-system",
        "delete",
        "pods",
        "-l",
        "app=meshctl-control-plane",
        "--grace-period=0",
        "--force",
        "--wait=false");
  }

  @Override
  public boolean tamper(String digest, String fault) {
    return false;
  }

  @Override
  public void close() {}
}
