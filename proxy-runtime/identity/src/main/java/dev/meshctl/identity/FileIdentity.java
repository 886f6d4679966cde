package dev.meshctl.identity;

import dev.meshctl.net.loop.Loops;
import dev.meshctl.net.retry.Backoff;
import dev.meshctl.net.tls.IdentityMaterial;
import io.grpc.ManagedChannel;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * An identity as files, for a proxy that is not ours and reads nothing else (a plain Envoy). The
 * key is made here and readable by its owner only; the files are as good as the certificate is
 * long.
 *
 * <p>Thread: any; blocking.
 */
public final class FileIdentity {
  /** Names of the files, as Istio's agent writes them. */
  public static final String CERTIFICATE_FILE = "cert-chain.pem";

  public static final String KEY_FILE = "key.pem";
  public static final String TRUST_FILE = "root-cert.pem";

  private FileIdentity() {}

  /**
   * Asks {@code authority} once for the identity that {@code tokenFile} proves, and writes
   * certificate chain, key and trust bundle into {@code folder}.
   *
   * @throws IdentityException where it is refused or does not answer in time
   */
  public static void issue(
      InetSocketAddress authority,
      Path trustBundleFile,
      SpiffeId identity,
      Path tokenFile,
      Path folder,
      Duration timeout)
      throws IdentityException, IOException, InterruptedException {
    List<X509Certificate> trust;
    try {
      trust = Pem.certificates(Files.readString(trustBundleFile));
    } catch (CertificateException unusable) {
      throw new IdentityException(trustBundleFile + ": " + unusable.getMessage(), unusable);
    }
    IdentityMaterial material = ask(authority, trust, identity, tokenFile, timeout);
    PrivateFiles.createFolder(folder);
    PrivateFiles.write(folder.resolve(KEY_FILE), pem(material.key().getEncoded()));
    PrivateFiles.write(folder.resolve(CERTIFICATE_FILE), Pem.certificates(material.chain()));
    PrivateFiles.write(folder.resolve(TRUST_FILE), Pem.certificates(material.trustBundle()));
  }

  private static IdentityMaterial ask(
      InetSocketAddress authority,
      List<X509Certificate> trust,
      SpiffeId identity,
      Path tokenFile,
      Duration timeout)
      throws IdentityException, InterruptedException {
    CompletableFuture<IdentityMaterial> issued = new CompletableFuture<>();
    CurrentIdentity current = new CurrentIdentity();
    current.subscribe(issued::complete);
    SecureRandom random = new SecureRandom();
    try (Loops loops = Loops.start(1, "identity");
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
        WorkloadIdentity asking =
            WorkloadIdentity.start(
                new WorkloadIdentity.Settings(
                    identity, "", tokenFile, Duration.ZERO, Backoff.RECONNECT),
                new WorkloadIdentity.Surroundings(InstantSource.system(), Thread::sleep, random),
                new WorkloadIdentity.Channels() {
                  @Override
                  public ManagedChannel anonymous() throws IdentityException {
                    return GrpcTransport.channel(
                        authority, GrpcTls.client(trust, Optional.empty()), loops, threads);
                  }

                  @Override
                  public ManagedChannel authenticated(CurrentIdentity own)
                      throws IdentityException {
                    return GrpcTransport.channel(
                        authority, GrpcTls.client(trust, Optional.of(own)), loops, threads);
                  }
                },
                current)) {
      return issued.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException late) {
      throw new IdentityException(
          authority + ": no certificate for " + identity + " within " + timeout, late);
    } catch (ExecutionException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  private static String pem(byte[] pkcs8) {
    return "-----BEGIN PRIVATE KEY-----\n"
        + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(pkcs8)
        + "\n-----END PRIVATE KEY-----\n";
  }
}
