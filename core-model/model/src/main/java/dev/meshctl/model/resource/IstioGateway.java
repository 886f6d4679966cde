package dev.meshctl.model.resource;

import java.util.List;
import java.util.Map;

/** Istio {@code networking.istio.io/Gateway}. */
public record IstioGateway(Metadata metadata, Map<String, String> selector, List<Server> servers)
    implements MeshResource {
  public IstioGateway {
    selector = Map.copyOf(selector);
    servers = List.copyOf(servers);
  }

  @Override
  public String kind() {
    return "Gateway.networking.istio.io";
  }

  /** {@code servers[]}. */
  public record Server(String name, int port, AppProtocol protocol, List<String> hosts) {
    public Server {
      hosts = List.copyOf(hosts);
    }
  }
}
