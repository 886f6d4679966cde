package dev.meshctl.controlplane.kubernetes.patch;

import dev.meshctl.bundle.BundleStore;
import dev.meshctl.controlplane.patch.BundleShelf;
import dev.meshctl.identity.CurrentIdentity;
import dev.meshctl.identity.GrpcTls;
import dev.meshctl.identity.GrpcTransport;
import dev.meshctl.identity.IdentityException;
import dev.meshctl.model.query.RuntimeView;
import dev.meshctl.model.wire.BundleChunks;
import dev.meshctl.net.loop.Loops;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Bundles that another replica has and this one has not. They come over mutual TLS from where
 * proxies fetch them, and are verified by signature before they count, as any other: a replica is
 * believed no more than a person.
 *
 * <p>Thread: one at a time; blocking.
 */
public final class BundleExchange implements AutoCloseable {
  private static final Duration LIMIT = Duration.ofMinutes(2);

  private final List<X509Certificate> trust;
  private final CurrentIdentity identity;
  private final InstantSource clock;
  private final Loops loops = Loops.start(1, "bundles");
  private final ExecutorService threads =
      Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("bundles-", 0).factory());

  /**
   * @param trust of the mesh
   * @param identity that this replica presents
   */
  public BundleExchange(
      List<X509Certificate> trust, CurrentIdentity identity, InstantSource clock) {
    this.trust = List.copyOf(trust);
    this.identity = identity;
    this.clock = clock;
  }

  /**
   * Brings a bundle here, from where an earlier attempt was cut off.
   *
   * @throws IOException where it did not come whole, or is refused; what came is kept for the next
   *     attempt where it may be sound
   */
  void fetch(RuntimeView.Bundle bundle, String address, BundleShelf shelf) throws IOException {
    String digest = bundle.digest();
    int colon = address.lastIndexOf(':');
    InetSocketAddress server =
        new InetSocketAddress(
            address.substring(0, colon), Integer.parseInt(address.substring(colon + 1)));
    ManagedChannel channel;
    try {
      channel =
          GrpcTransport.channel(
              server, GrpcTls.client(trust, Optional.of(identity)), loops, threads);
    } catch (IdentityException unusable) {
      throw new IOException(unusable.getMessage(), unusable);
    }
    try (BundleStore.Transfer transfer = shelf.incoming(digest)) {
      if (!transfer.wants()) {
        return;
      }
      BundleChunks.fetch(channel, digest, LIMIT, transfer::offset, transfer::append);
      // As old as it is there, else it would be passed on for ever.
      shelf.finish(
          transfer,
          bundle.usedEpochMillis() == 0
              ? clock.instant()
              : Instant.ofEpochMilli(bundle.usedEpochMillis()));
    } catch (StatusRuntimeException cut) {
      throw new IOException(cut.getStatus().toString(), cut);
    } finally {
      channel.shutdownNow();
    }
  }

  @Override
  public void close() {
    threads.shutdownNow();
    loops.close();
  }
}
