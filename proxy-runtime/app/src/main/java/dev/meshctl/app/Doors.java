package dev.meshctl.app;

import dev.meshctl.app.config.ProxyBootstrap;
import dev.meshctl.dataplane.admin.HealthServer;
import dev.meshctl.dataplane.probe.ProbeServer;
import dev.meshctl.net.handover.Handed;
import dev.meshctl.net.handover.Inheritance;
import dev.meshctl.net.loop.Loops;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/**
 * Where a kubelet asks: for the proxy, and for the workload behind it.
 *
 * <p>Thread: any.
 */
final class Doors implements AutoCloseable {
  private final Optional<HealthServer> health;
  private final Optional<ProbeServer> probes;

  private Doors(Optional<HealthServer> health, Optional<ProbeServer> probes) {
    this.health = health;
    this.probes = probes;
  }

  /**
   * Opens what the bootstrap names.
   *
   * @param inheritance sockets of the process before us; what comes of it is silent before {@link
   *     #serving}
   * @throws UncheckedIOException where an address cannot be bound
   */
  static Doors open(
      Loops loops, ProxyBootstrap bootstrap, BooleanSupplier ready, Inheritance inheritance) {
    Optional<HealthServer> health =
        Addresses.optional("healthAddress", bootstrap.healthAddress())
            .map(at -> {
              try {
                return HealthServer.start(loops, at, HealthServer.readiness(ready), inheritance);
              } catch (IOException taken) {
                throw taken("healthAddress", bootstrap.healthAddress(), taken);
              }
            });
    Optional<ProbeServer> probes =
        Addresses.optional("probeAddress", bootstrap.probeAddress())
            .map(at -> {
              try {
                return ProbeServer.start(
                    loops,
                    at,
                    WorkloadProbes.workload(bootstrap.node()),
                    WorkloadProbes.of(bootstrap),
                    inheritance);
              } catch (IOException taken) {
                throw taken("probeAddress", bootstrap.probeAddress(), taken);
              }
            });
    return new Doors(health, probes);
  }

  private static UncheckedIOException taken(String field, String address, IOException taken) {
    return new UncheckedIOException(
        new IOException(field + ": " + address + ": " + taken.getMessage(), taken));
  }

  List<Handed> handed() {
    List<Handed> all = new ArrayList<>();
    health.ifPresent(server -> all.add(server.handed()));
    probes.ifPresent(server -> all.add(server.handed()));
    return all;
  }

  void serving(boolean on) {
    health.ifPresent(server -> server.serving(on));
    probes.ifPresent(server -> server.serving(on));
  }

  @Override
  public void close() {
    health.ifPresent(HealthServer::close);
    probes.ifPresent(ProbeServer::close);
  }
}
