package dev.meshctl.identity;

import dev.meshctl.model.wire.ca.IstioCertificateRequest;
import dev.meshctl.model.wire.ca.IstioCertificateResponse;
import dev.meshctl.model.wire.ca.IstioCertificateServiceGrpc;
import dev.meshctl.net.retry.Backoff;
import dev.meshctl.net.retry.Pause;
import dev.meshctl.net.tls.IdentityMaterial;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.MetadataUtils;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Keeps this process in possession of a valid certificate: makes a key, asks the authority, and
 * asks again (with a new key) at about half the certificate's life. The first question is admitted
 * by a token, later ones by the certificate in hand; when that is refused, by the token again.
 *
 * <p>Thread: one virtual thread does the asking; {@link #current} is for any.
 */
public final class WorkloadIdentity implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(WorkloadIdentity.class.getName());
  private static final Duration CALL_DEADLINE = Duration.ofSeconds(5);
  private static final Duration SPREAD = Duration.ofSeconds(2);
  private static final Duration MIN_RENEWAL = Duration.ofSeconds(1);

  private final Settings settings;
  private final Surroundings surroundings;
  private final Channels channels;
  private final CurrentIdentity current;
  private final Thread renewing;

  /** Somebody wants a new certificate ahead of its time. */
  private volatile boolean hurry;

  private volatile boolean closed;

  /**
   * @param nodeId by which the asking proxy is known to its control plane; empty for others
   * @param tokenFile JWT, read at each use because it is renewed
   * @param requestedLifetime zero leaves it to the authority
   */
  public record Settings(
      SpiffeId identity,
      String nodeId,
      Path tokenFile,
      Duration requestedLifetime,
      Backoff backoff) {}

  /** Time and chance. */
  public record Surroundings(InstantSource clock, Pause pause, SecureRandom random) {}

  /** Ways to the authority; both are opened anew for each question and shut down after it. */
  public interface Channels {
    /** Without a client certificate. */
    ManagedChannel anonymous() throws IdentityException;

    /** With {@code identity} as the client's. */
    ManagedChannel authenticated(CurrentIdentity identity) throws IdentityException;
  }

  private WorkloadIdentity(
      Settings settings, Surroundings surroundings, Channels channels, CurrentIdentity current) {
    this.settings = settings;
    this.surroundings = surroundings;
    this.channels = channels;
    this.current = current;
    this.renewing = Thread.ofVirtual().name("identity-renewal").unstarted(this::keep);
  }

  /** Begins to ask; {@code current} gets each identity as it comes. */
  public static WorkloadIdentity start(
      Settings settings, Surroundings surroundings, Channels channels, CurrentIdentity current) {
    WorkloadIdentity started = new WorkloadIdentity(settings, surroundings, channels, current);
    started.renewing.start();
    return started;
  }

  public CurrentIdentity current() {
    return current;
  }

  /**
   * Asks for another certificate soon, ahead of its time: within {@link #SPREAD}, so that a fleet
   * that is told at once does not ask at once.
   */
  public void renew() {
    hurry = true;
    renewing.interrupt();
  }

  /** Ends the asking; the identity in hand stays. */
  @Override
  public void close() {
    closed = true;
    renewing.interrupt();
    try {
      renewing.join(CALL_DEADLINE);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void keep() {
    int failures = 0;
    while (!closed) {
      try {
        try {
          IdentityMaterial fresh = ask(failures);
          current.publish(fresh);
          failures = 0;
          surroundings.pause().pause(untilRenewal(fresh));
        } catch (IdentityException | RuntimeException failed) {
          // A bug in a subscriber must not end renewal either: the certificate would run out.
          Duration wait = settings.backoff().delay(failures++, surroundings.random());
          LOG.log(
              System.Logger.Level.WARNING,
              "{0}; asking again in {1} ms",
              failed instanceof IdentityException ? failed.getMessage() : failed.toString(),
              wait.toMillis());
          surroundings.pause().pause(wait);
        }
      } catch (InterruptedException told) {
        if (!hurry || !spread()) {
          // close() ends the loop.
          return;
        }
      }
    }
  }

  /** False where it is closed meanwhile. */
  private boolean spread() {
    hurry = false;
    try {
      surroundings
          .pause()
          .pause(Duration.ofMillis(surroundings.random().nextLong(SPREAD.toMillis())));
      return true;
    } catch (InterruptedException again) {
      return hurry && !closed;
    }
  }

  /**
   * Half the remaining life, a tenth of it earlier or later, so that a fleet does not ask at once.
   */
  private Duration untilRenewal(IdentityMaterial material) {
    X509Certificate leaf = material.chain().getFirst();
    Duration left =
        Duration.between(surroundings.clock().instant(), leaf.getNotAfter().toInstant());
    double share = 0.5 + 0.1 * (surroundings.random().nextDouble() - 0.5) * 2;
    Duration wait = Duration.ofNanos((long) (left.toNanos() * share));
    return wait.compareTo(MIN_RENEWAL) < 0 ? MIN_RENEWAL : wait;
  }

  private IdentityMaterial ask(int failures) throws IdentityException, InterruptedException {
    Instant now = surroundings.clock().instant();
    boolean valid =
        current
            .current()
            .map(m -> now.isBefore(m.chain().getFirst().getNotAfter().toInstant()))
            .orElse(false);
    // After a refusal of the certificate the token may still be good: alternate.
    boolean byCertificate = valid && failures % 2 == 0;
    ManagedChannel channel = byCertificate ? channels.authenticated(current) : channels.anonymous();
    try {
      return ask(channel, byCertificate ? Optional.empty() : Optional.of(token()));
    } finally {
      channel.shutdownNow();
    }
  }

  private IdentityMaterial ask(ManagedChannel channel, Optional<String> token)
      throws IdentityException, InterruptedException {
    try {
      CertificateRequest request =
          CertificateRequest.create(settings.identity(), surroundings.random());
      IstioCertificateServiceGrpc.IstioCertificateServiceBlockingStub stub =
          IstioCertificateServiceGrpc.newBlockingStub(channel)
              .withDeadlineAfter(CALL_DEADLINE.toMillis(), TimeUnit.MILLISECONDS);
      Metadata headers = new Metadata();
      token.ifPresent(text -> headers.put(CertificateService.AUTHORIZATION, "Bearer " + text));
      if (!settings.nodeId().isEmpty()) {
        headers.put(CertificateService.NODE_ID, settings.nodeId());
      }
      stub = stub.withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers));
      IstioCertificateResponse response =
          stub.createCertificate(
              IstioCertificateRequest.newBuilder()
                  .setCsr(request.csrPem())
                  .setValidityDuration(settings.requestedLifetime().toSeconds())
                  .build());
      return accept(request, response);
    } catch (StatusRuntimeException refused) {
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
      throw new IdentityException(
          "no certificate for "
              + settings.identity()
              + " from "
              + channel.authority()
              + ": "
              + refused.getStatus().getCode()
              + " "
              + refused.getStatus().getDescription(),
          refused);
    } catch (GeneralSecurityException unusable) {
      throw new IdentityException(
          "the certificate from "
              + channel.authority()
              + " cannot be used: "
              + unusable.getMessage(),
          unusable);
    }
  }

  /** The chain's last certificate is the root; the leaf must be for the key just made. */
  private IdentityMaterial accept(CertificateRequest request, IstioCertificateResponse response)
      throws GeneralSecurityException, IdentityException {
    List<X509Certificate> chain = new ArrayList<>();
    for (String pem : response.getCertChainList()) {
      chain.addAll(Pem.certificates(pem));
    }
    if (chain.size() < 2) {
      throw new IdentityException(
          "the authority answered with " + chain.size() + " certificates (expected: leaf to root)");
    }
    X509Certificate leaf = chain.getFirst();
    KeyPairs.checkPair(request.key(), leaf, surroundings.random());
    if (!SpiffeId.of(leaf).equals(Optional.of(settings.identity()))) {
      throw new IdentityException(
          "the authority answered with a certificate for another identity than "
              + settings.identity());
    }
    return new IdentityMaterial(
        request.key(), chain.subList(0, chain.size() - 1), List.of(chain.getLast()));
  }

  private String token() throws IdentityException {
    try {
      return Files.readString(settings.tokenFile()).strip();
    } catch (IOException unreadable) {
      throw new IdentityException(
          settings.tokenFile()
              + ": the token that proves "
              + settings.identity()
              + " cannot be read: "
              + unreadable.getMessage(),
          unreadable);
    }
  }
}
