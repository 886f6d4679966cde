package dev.meshctl.controlplane;

import dev.meshctl.identity.CertificateAuthority;
import dev.meshctl.identity.CurrentIdentity;
import dev.meshctl.net.retry.Pause;
import dev.meshctl.net.tls.IdentityMaterial;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;

/**
 * The control plane's own certificate, issued by itself for the addresses it serves at and replaced
 * at half its life.
 *
 * <p>Thread: one virtual thread renews.
 */
final class ServerIdentity implements AutoCloseable {
  private static final Duration MIN_WAIT = Duration.ofMillis(500);

  private final CertificateAuthority authority;
  private final ControlPlane.ServerNames names;
  private final List<String> addresses;
  private final InstantSource clock;
  private final Pause pause;
  private final CurrentIdentity current = new CurrentIdentity();
  private final Thread renewing;

  private ServerIdentity(
      CertificateAuthority authority,
      ControlPlane.ServerNames names,
      List<String> addresses,
      InstantSource clock,
      Pause pause) {
    this.authority = authority;
    this.names = names;
    this.addresses = List.copyOf(addresses);
    this.clock = clock;
    this.pause = pause;
    this.renewing = Thread.ofVirtual().name("server-identity").unstarted(this::keep);
  }

  /** With a certificate in hand. */
  static ServerIdentity start(
      CertificateAuthority authority,
      ControlPlane.ServerNames names,
      List<String> addresses,
      InstantSource clock,
      Pause pause) {
    ServerIdentity identity = new ServerIdentity(authority, names, addresses, clock, pause);
    identity.renew();
    identity.renewing.start();
    return identity;
  }

  CurrentIdentity current() {
    return current;
  }

  private IdentityMaterial renew() {
    IdentityMaterial fresh =
        authority.serverIdentity(names.identity(), names.dnsNames(), addresses);
    current.publish(fresh);
    return fresh;
  }

  private void keep() {
    try {
      IdentityMaterial held = current.current().orElseThrow();
      while (true) {
        Duration left =
            Duration.between(clock.instant(), held.chain().getFirst().getNotAfter().toInstant());
        Duration wait = left.dividedBy(2);
        pause.pause(wait.compareTo(MIN_WAIT) < 0 ? MIN_WAIT : wait);
        held = renew();
      }
    } catch (InterruptedException closed) {
      // close() ends the loop.
    }
  }

  @Override
  public void close() {
    renewing.interrupt();
  }
}
