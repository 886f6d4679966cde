package dev.meshctl.cli.local;

import dev.meshctl.identity.SpiffeId;
import dev.meshctl.identity.TokenIssuer;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Tokens of the mesh's processes: a file for each identity and one for operators, readable by their
 * owner only, written anew at half of their life until closed. The signing key never leaves this
 * process.
 */
final class Credentials implements AutoCloseable {
  private static final Duration LIFETIME = Duration.ofHours(1);

  private final TokenIssuer issuer = TokenIssuer.create(InstantSource.system());
  private final Path folder;
  private final Map<SpiffeId, Path> workloads = new ConcurrentHashMap<>();
  private final Thread renewal;

  private Credentials(Path folder) {
    this.folder = folder;
    this.renewal = Thread.ofVirtual().name("token-renewal").unstarted(this::renew);
  }

  static Credentials open(Path folder) throws IOException {
    Credentials credentials = new Credentials(folder);
    credentials.issuer.writePublicKey(credentials.publicKeyFile());
    credentials.writeOperator();
    credentials.renewal.start();
    return credentials;
  }

  /** The public JWK that verifies all of them. */
  Path publicKeyFile() {
    return folder.resolve("issuer.jwk");
  }

  Path operatorFile() {
    return folder.resolve("operator.jwt");
  }

  /** The file with the token of an identity. */
  Path workload(SpiffeId identity) throws IOException {
    Path file = folder.resolve(identity.namespace() + "." + identity.serviceAccount() + ".jwt");
    write(identity, file);
    workloads.put(identity, file);
    return file;
  }

  private void write(SpiffeId identity, Path file) throws IOException {
    TokenIssuer.writeToken(file, issuer.workloadToken(identity, LIFETIME));
  }

  private void writeOperator() throws IOException {
    TokenIssuer.writeToken(operatorFile(), issuer.operatorToken(LIFETIME));
  }

  private void renew() {
    try {
      while (true) {
        Thread.sleep(LIFETIME.dividedBy(2));
        try {
          writeOperator();
          for (Map.Entry<SpiffeId, Path> entry : workloads.entrySet()) {
            write(entry.getKey(), entry.getValue());
          }
        } catch (IOException unwritten) {
          System.getLogger(Credentials.class.getName())
              .log(System.Logger.Level.ERROR, "tokens were not renewed: {0}", unwritten.toString());
        }
      }
    } catch (InterruptedException closed) {
      // By close.
    }
  }

  @Override
  public void close() {
    renewal.interrupt();
  }
}
