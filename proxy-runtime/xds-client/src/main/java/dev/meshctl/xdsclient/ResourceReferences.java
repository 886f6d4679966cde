package dev.meshctl.xdsclient;

import dev.meshctl.model.xds.ClusterConfig;
import dev.meshctl.model.xds.DownstreamTls;
import dev.meshctl.model.xds.FilterChain;
import dev.meshctl.model.xds.ListenerConfig;
import dev.meshctl.model.xds.NetworkFilter;
import dev.meshctl.model.xds.UpstreamTls;
import dev.meshctl.model.xds.XdsResource;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Where listeners and clusters name routes and secrets. */
final class ResourceReferences {
  private ResourceReferences() {}

  static Set<String> routes(XdsResource resource) {
    Set<String> names = new LinkedHashSet<>();
    if (resource instanceof ListenerConfig listener) {
      for (FilterChain chain : chains(listener)) {
        if (chain.filter() instanceof NetworkFilter.HttpConnection http
            && http.routes() instanceof NetworkFilter.Routes.Named(String name)) {
          names.add(name);
        }
      }
    }
    return names;
  }

  static Set<String> secrets(XdsResource resource) {
    Set<String> names = new LinkedHashSet<>();
    switch (resource) {
      case ListenerConfig listener -> {
        for (FilterChain chain : chains(listener)) {
          if (chain.tls().isPresent()) {
            DownstreamTls tls = chain.tls().get();
            names.add(tls.certificateSecret());
            names.add(tls.trustSecret());
          }
        }
      }
      case ClusterConfig cluster -> {
        switch (cluster.transport()) {
          case ClusterConfig.Transport.Plaintext p -> {}
          case ClusterConfig.Transport.Tls(UpstreamTls tls) -> add(names, tls);
          case ClusterConfig.Transport.Auto(UpstreamTls tls) -> add(names, tls);
        }
      }
      default -> {}
    }
    return names;
  }

  private static void add(Set<String> names, UpstreamTls tls) {
    names.add(tls.certificateSecret());
    names.add(tls.trustSecret());
  }

  private static List<FilterChain> chains(ListenerConfig listener) {
    List<FilterChain> all = new ArrayList<>(listener.chains());
    listener.defaultChain().ifPresent(all::add);
    return all;
  }
}
