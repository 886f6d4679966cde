package dev.meshctl.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.meshctl.model.wire.ca.IstioCertificateRequest;
import dev.meshctl.model.wire.ca.IstioCertificateResponse;
import dev.meshctl.model.wire.ca.IstioCertificateServiceGrpc;
import dev.meshctl.net.loop.Loops;
import dev.meshctl.net.retry.Backoff;
import dev.meshctl.net.tls.IdentityMaterial;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.MetadataUtils;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The certificate service as its clients meet it: gRPC over TLS on loopback. */
class CertificateServiceTest {
  private static final SpiffeId REVIEWS = new SpiffeId("cluster.local", "default", "reviews");
  private static final SpiffeId RATINGS = new SpiffeId("cluster.local", "default", "ratings");

  @TempDir Path folder;
  // TLS compares with the real clock, so the authority's stands near it.
  private final SettableClock clock = new SettableClock(Instant.now());
  private final SecureRandom random = new SecureRandom();
  private final TokenIssuer issuer = TokenIssuer.create(clock);
  private final CurrentIdentity serverIdentity = new CurrentIdentity();
  private final List<ManagedChannel> channels = new CopyOnWriteArrayList<>();
  private CertificateAuthority authority;
  private Loops loops;
  private ExecutorService threads;
  private Server server;
  private int port;

  @BeforeEach
  void serve() throws Exception {
    authority =
        CertificateAuthority.open(
            new CertificateAuthority.Settings(
                "cluster.local", folder.resolve("state"), Duration.ofHours(1)),
            clock,
            random);
    serverIdentity.publish(
        authority.serverIdentity(
            new SpiffeId("cluster.local", "istio-system", "istiod"),
            List.of(),
            List.of("127.0.0.1")));
    issuer.writePublicKey(folder.resolve("key.jwk"));
    loops = Loops.start(1, "test");
    threads = Executors.newVirtualThreadPerTaskExecutor();
    server = start(0);
    port = server.getPort();
  }

  private Server start(int at) throws Exception {
    return GrpcTransport.server(
            new InetSocketAddress("127.0.0.1", at),
            GrpcTls.server(serverIdentity, authority.trustBundle()),
            loops,
            threads)
        .intercept(Caller.interceptor(new TokenVerifier(folder.resolve("key.jwk"), clock)))
        .addService(new CertificateService(authority))
        .build()
        .start();
  }

  @AfterEach
  void stop() throws Exception {
    channels.forEach(ManagedChannel::shutdownNow);
    server.shutdownNow().awaitTermination(5, TimeUnit.SECONDS);
    threads.shutdownNow();
    loops.close();
  }

  private ManagedChannel channel(Optional<CurrentIdentity> identity) throws IdentityException {
    ManagedChannel channel =
        GrpcTransport.channel(
            new InetSocketAddress("127.0.0.1", port),
            GrpcTls.client(authority.trustBundle(), identity),
            loops,
            threads);
    channels.add(channel);
    return channel;
  }

  private IstioCertificateResponse ask(
      Optional<CurrentIdentity> as, Optional<String> token, SpiffeId wanted) throws Exception {
    var stub =
        IstioCertificateServiceGrpc.newBlockingStub(channel(as))
            .withDeadlineAfter(10, TimeUnit.SECONDS);
    if (token.isPresent()) {
      Metadata headers = new Metadata();
      headers.put(CertificateService.AUTHORIZATION, "Bearer " + token.get());
      stub = stub.withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers));
    }
    return stub.createCertificate(
        IstioCertificateRequest.newBuilder()
            .setCsr(CertificateRequest.create(wanted, random).csrPem())
            .build());
  }

  private static void assertRefused(
      org.assertj.core.api.ThrowableAssert.ThrowingCallable call, Status.Code code) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            StatusRuntimeException.class, e -> assertThat(e.getStatus().getCode()).isEqualTo(code));
  }

  private Optional<String> token(SpiffeId id) {
    return Optional.of(issuer.workloadToken(id, Duration.ofMinutes(1)));
  }

  private CurrentIdentity holding(SpiffeId id) throws Exception {
    CertificateRequest request = CertificateRequest.create(id, random);
    var issued =
        (CertificateAuthority.Answer.Issued) authority.sign(request.csrPem(), id, Duration.ZERO);
    CurrentIdentity identity = new CurrentIdentity();
    identity.publish(
        new IdentityMaterial(request.key(), issued.chain().subList(0, 2), authority.trustBundle()));
    return identity;
  }

  @Test
  void a_token_admits_to_the_bearers_own_identity() throws Exception {
    IstioCertificateResponse answer = ask(Optional.empty(), token(REVIEWS), REVIEWS);

    List<X509Certificate> chain = Pem.certificates(String.join("", answer.getCertChainList()));
    assertThat(SpiffeId.of(chain.getFirst())).contains(REVIEWS);
    assertThat(chain).hasSize(3);
  }

  @Test
  void a_workload_that_asks_for_anothers_identity_is_refused() {
    assertRefused(
        () -> ask(Optional.empty(), token(REVIEWS), RATINGS), Status.Code.PERMISSION_DENIED);
  }

  @Test
  void a_certificate_renews_itself_and_no_other() throws Exception {
    CurrentIdentity reviews = holding(REVIEWS);

    assertThat(ask(Optional.of(reviews), Optional.empty(), REVIEWS).getCertChainCount())
        .isEqualTo(3);
    assertRefused(
        () -> ask(Optional.of(reviews), Optional.empty(), RATINGS), Status.Code.PERMISSION_DENIED);
    // Nor does a stolen token lift a caller above its certificate.
    assertRefused(
        () -> ask(Optional.of(reviews), token(RATINGS), RATINGS), Status.Code.PERMISSION_DENIED);
  }

  @Test
  void whoever_proves_nothing_gets_nothing() {
    assertRefused(
        () -> ask(Optional.empty(), Optional.empty(), REVIEWS), Status.Code.UNAUTHENTICATED);
    assertRefused(
        () ->
            ask(
                Optional.empty(),
                Optional.of(issuer.operatorToken(Duration.ofMinutes(1))),
                REVIEWS),
        Status.Code.UNAUTHENTICATED);
    assertRefused(
        () ->
            ask(
                Optional.empty(),
                Optional.of(
                    TokenIssuer.create(clock).workloadToken(REVIEWS, Duration.ofMinutes(1))),
                REVIEWS),
        Status.Code.UNAUTHENTICATED);
  }

  @Test
  void an_expired_token_gets_nothing() {
    Optional<String> token = token(REVIEWS);
    clock.advance(Duration.ofMinutes(2));

    assertRefused(() -> ask(Optional.empty(), token, REVIEWS), Status.Code.UNAUTHENTICATED);
  }

  @Test
  void an_expired_certificate_is_refused_in_the_handshake() throws Exception {
    clock.set(Instant.now().minus(Duration.ofHours(2)));
    CurrentIdentity expired = holding(REVIEWS);
    clock.set(Instant.now());

    assertRefused(
        () -> ask(Optional.of(expired), Optional.empty(), REVIEWS), Status.Code.UNAVAILABLE);
    // The very same way works with a valid one, so it was the expiry.
    assertThat(ask(Optional.of(holding(REVIEWS)), Optional.empty(), REVIEWS).getCertChainCount())
        .isEqualTo(3);
  }

  @Test
  void a_certificate_of_another_root_is_refused_in_the_handshake() throws Exception {
    CertificateAuthority foreign =
        CertificateAuthority.open(
            new CertificateAuthority.Settings(
                "cluster.local", folder.resolve("foreign"), Duration.ofHours(1)),
            clock,
            random);
    CurrentIdentity forged = new CurrentIdentity();
    forged.publish(foreign.serverIdentity(REVIEWS, List.of(), List.of()));

    assertRefused(
        () -> ask(Optional.of(forged), Optional.empty(), REVIEWS), Status.Code.UNAVAILABLE);
  }

  @Test
  void a_server_of_another_root_is_refused_by_the_client() throws Exception {
    CertificateAuthority foreign =
        CertificateAuthority.open(
            new CertificateAuthority.Settings(
                "cluster.local", folder.resolve("foreign"), Duration.ofHours(1)),
            clock,
            random);
    serverIdentity.publish(
        foreign.serverIdentity(
            new SpiffeId("cluster.local", "istio-system", "istiod"),
            List.of(),
            List.of("127.0.0.1")));

    assertRefused(() -> ask(Optional.empty(), token(REVIEWS), REVIEWS), Status.Code.UNAVAILABLE);
  }

  private WorkloadIdentity keep(StepwisePause pause, CurrentIdentity current) throws Exception {
    TokenIssuer.writeToken(
        folder.resolve("token"), issuer.workloadToken(REVIEWS, Duration.ofMinutes(1)));
    return WorkloadIdentity.start(
        new WorkloadIdentity.Settings(
            REVIEWS,
            "",
            folder.resolve("token"),
            Duration.ZERO,
            new Backoff(Duration.ofMillis(100), Duration.ofSeconds(1), 0)),
        new WorkloadIdentity.Surroundings(clock, pause, random),
        new WorkloadIdentity.Channels() {
          @Override
          public ManagedChannel anonymous() throws IdentityException {
            return channel(Optional.empty());
          }

          @Override
          public ManagedChannel authenticated(CurrentIdentity identity) throws IdentityException {
            return channel(Optional.of(identity));
          }
        },
        current);
  }

  @Test
  void a_workload_renews_at_about_half_its_certificates_life_with_a_new_key_and_no_token()
      throws Exception {
    StepwisePause pause = new StepwisePause();
    CurrentIdentity current = new CurrentIdentity();
    List<IdentityMaterial> seen = new CopyOnWriteArrayList<>();
    current.subscribe(seen::add);
    try (WorkloadIdentity kept = keep(pause, current)) {
      await().until(() -> pause.waits.size() == 1);
      assertThat(pause.waits.getFirst()).isBetween(Duration.ofMinutes(23), Duration.ofMinutes(37));

      Files.delete(folder.resolve("token"));
      pause.step();
      await().until(() -> pause.waits.size() == 2);

      assertThat(seen).hasSize(2);
      assertThat(seen.get(1).key()).isNotEqualTo(seen.get(0).key());
      assertThat(SpiffeId.of(seen.get(1).chain().getFirst())).contains(REVIEWS);
      assertThat(kept.current().current()).contains(seen.get(1));
    }
  }

  @Test
  void a_workload_asks_again_with_growing_waits_while_the_authority_is_away() throws Exception {
    server.shutdownNow().awaitTermination(5, TimeUnit.SECONDS);
    StepwisePause pause = new StepwisePause();
    CurrentIdentity current = new CurrentIdentity();
    try (WorkloadIdentity kept = keep(pause, current)) {
      await().until(() -> pause.waits.size() == 1);
      pause.step();
      await().until(() -> pause.waits.size() == 2);
      pause.step();
      await().until(() -> pause.waits.size() == 3);
      assertThat(pause.waits)
          .containsExactly(Duration.ofMillis(100), Duration.ofMillis(200), Duration.ofMillis(400));
      assertThat(current.current()).isEmpty();

      server = start(port);
      pause.step();
      await().until(() -> current.current().isPresent());
    }
  }

  @Test
  void nobody_speaks_for_a_proxy_of_another_namespace() {
    SpiffeId cart = new SpiffeId("cluster.local", "shop", "cart");
    String own = "sidecar~10.0.0.1~cart-1.shop~shop.svc.cluster.local";
    assertThat(CertificateService.own(own, cart)).isEqualTo(own);
    assertThat(CertificateService.own("sidecar~10.0.0.1~cart-1.bank~bank.svc.cluster.local", cart))
        .isEmpty();
    assertThat(CertificateService.own("", cart)).isEmpty();
  }
}
