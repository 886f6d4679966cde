package dev.meshctl.model.explain.hindsight;

import dev.meshctl.model.explain.Gateways;
import dev.meshctl.model.explain.Scene;
import dev.meshctl.model.explain.hindsight.Entry.Logger;
import dev.meshctl.model.explain.hindsight.Entry.Side;
import dev.meshctl.model.xds.ClusterNames;
import dev.meshctl.model.xds.WorkloadInstance;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Who wrote a line, and on which side of the request it stood: lines do not say it, but the
 * addresses in them do, and what stands before them.
 *
 * <p>Threads: any; immutable.
 */
final class Loggers {
  /** Where sidecars take what workloads send; 15080 is a proxy that workloads are told of. */
  private static final Set<Integer> OUTBOUND_PORTS = Set.of(15001, 15080);

  private static final Pattern BETWEEN_NAMES = Pattern.compile("[^A-Za-z0-9.-]+");

  private final Scene scene;

  Loggers(Scene scene) {
    this.scene = scene;
  }

  /**
   * @param known who wrote it, where the log's place tells
   * @param from whom the user names; holds where nothing better is known
   */
  Entry entry(LoggedRequest logged, Optional<Logger> known, Optional<Logger> from) {
    Optional<Logger> named = known.or(() -> prefixed(logged.prefix()));
    Side side = side(logged, named.or(() -> from));
    Optional<Logger> logger =
        switch (side) {
          case CALLED -> named.or(() -> addressed(logged.addresses().listener()));
          case CALLING ->
              named
                  .or(() -> from)
                  .or(() -> addressed(logged.addresses().client()))
                  .or(() -> addressed(logged.addresses().upstreamLocal()))
                  .or(() -> addressed(logged.addresses().listener()));
          case GATEWAY -> named.or(() -> from);
        };
    return new Entry(logger, side, logged);
  }

  private Side side(LoggedRequest logged, Optional<Logger> named) {
    String cluster = logged.route().cluster();
    if (named.filter(Logger::gateway).isPresent()) {
      return Side.GATEWAY;
    }
    if (ClusterNames.isInbound(cluster)) {
      return Side.CALLED;
    }
    if (!cluster.isEmpty()) {
      return Side.CALLING;
    }
    // Refused before a cluster was chosen: at its own address and a port of its own it was called.
    String listener = logged.addresses().listener();
    boolean own = addressed(listener).isPresent();
    return own && !OUTBOUND_PORTS.contains(LoggedRequest.port(listener))
        ? Side.CALLED
        : Side.CALLING;
  }

  /** The replica at an address; addresses that were made up are nobody's. */
  Optional<Logger> addressed(String address) {
    return address.isEmpty() || scene.guessed()
        ? Optional.empty()
        : scene.at(LoggedRequest.host(address)).map(Loggers::logger);
  }

  /** The replica that a word of {@code [pod/reviews-v1-0/istio-proxy]} names. */
  private Optional<Logger> prefixed(String prefix) {
    if (prefix.isEmpty()) {
      return Optional.empty();
    }
    List<String> words = Arrays.asList(BETWEEN_NAMES.split(prefix));
    return scene.clients().stream()
        .filter(instance -> words.contains(instance.name()))
        .findFirst()
        .map(Loggers::logger)
        .or(() ->
            Gateways.of(scene.mesh()).stream()
                .filter(node -> words.stream().anyMatch(word -> word.startsWith(node.workload())))
                .findFirst()
                .map(node -> new Logger(node.namespace(), node.workload(), true)));
  }

  private static Logger logger(WorkloadInstance instance) {
    return new Logger(instance.namespace(), instance.name(), false);
  }
}
