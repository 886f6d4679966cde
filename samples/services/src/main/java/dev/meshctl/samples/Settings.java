package dev.meshctl.samples;

import java.net.InetSocketAddress;
import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * What a service is told by its environment, as Kubernetes sets it.
 *
 * @param service for example {@code reviews}
 * @param version {@code SERVICE_VERSION}, {@code v1} unless told
 * @param instance {@code POD_NAME}, else service and version
 * @param bindAddress {@code POD_IP}, else any address
 * @param port {@code PORT}, else the service's own; 0 picks a free one
 */
record Settings(
    String service,
    String version,
    String instance,
    String bindAddress,
    int port,
    Map<String, String> environment) {
  Settings {
    environment = Map.copyOf(environment);
  }

  static Settings of(String service, int usualPort, Map<String, String> environment) {
    String version = environment.getOrDefault("SERVICE_VERSION", "v1");
    return new Settings(
        service,
        version,
        environment.getOrDefault("POD_NAME", service + "-" + version),
        environment.getOrDefault("POD_IP", "0.0.0.0"),
        number("PORT", environment.getOrDefault("PORT", Integer.toString(usualPort))),
        environment);
  }

  InetSocketAddress bind() {
    return new InetSocketAddress(bindAddress, port);
  }

  /** Base URL of an HTTP service: {@code X_URL}, else its DNS name. */
  URI url(String target, int usualPort) {
    return URI.create(
        environment.getOrDefault(
            variable(target, "URL"), "http://" + target + ":" + Integer.toString(usualPort)));
  }

  /** Where a gRPC or TCP service is: {@code X_SERVICE_HOST} and {@code _PORT}, else DNS name. */
  Address address(String target, int usualPort) {
    String portVariable = variable(target, "SERVICE_PORT");
    return new Address(
        environment.getOrDefault(variable(target, "SERVICE_HOST"), target),
        number(portVariable, environment.getOrDefault(portVariable, Integer.toString(usualPort))));
  }

  /** {@code HTTP_PROXY} ({@code http://HOST:PORT}), in either case, as curl reads it. */
  Optional<InetSocketAddress> httpProxy() {
    String value =
        environment.getOrDefault("HTTP_PROXY", environment.getOrDefault("http_proxy", ""));
    if (value.isBlank()) {
      return Optional.empty();
    }
    URI uri = URI.create(value.contains("://") ? value : "http://" + value);
    if (uri.getHost() == null || uri.getPort() < 0) {
      throw new IllegalArgumentException("HTTP_PROXY: " + value + " (expected: http://HOST:PORT)");
    }
    return Optional.of(new InetSocketAddress(uri.getHost(), uri.getPort()));
  }

  /** {@code NO_PROXY}: hosts, or suffixes of hosts, that are called directly. */
  List<String> noProxy() {
    String value = environment.getOrDefault("NO_PROXY", environment.getOrDefault("no_proxy", ""));
    return List.of(value.split(",")).stream()
        .map(String::strip)
        .filter(host -> !host.isEmpty())
        .toList();
  }

  private static String variable(String target, String suffix) {
    return target.toUpperCase(Locale.ROOT).replace('-', '_') + "_" + suffix;
  }

  private static int number(String variable, String value) {
    try {
      int port = Integer.parseInt(value);
      if (port >= 0 && port <= 65535) {
        return port;
      }
    } catch (NumberFormatException e) {
      // said below
    }
    throw new IllegalArgumentException(variable + ": " + value + " (expected: 0 to 65535)");
  }

  /** A host name or address, and a port. */
  record Address(String host, int port) {}
}
