package dev.meshctl.app;

import dev.meshctl.app.config.BootstrapReader;
import dev.meshctl.app.config.ProxyBootstrap;
import dev.meshctl.app.patch.Generation;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;

/**
 * {@code ProxyMain --config FILE|env:NAME [--lifeline]}: a sidecar or gateway as a process. A pod
 * says it in a variable, because its image is the same for all. The word {@code proxy} before it is
 * for a supervisor, which an image need not have.
 */
public final class ProxyMain {
  private static final String VARIABLE = "env:";
  private static final String ROLE = "proxy";

  private ProxyMain() {}

  public static void main(String[] words) {
    Process.run(
        ROLE,
        words.length > 0 && words[0].equals(ROLE)
            ? Arrays.copyOfRange(words, 1, words.length)
            : words,
        arguments -> {
          ProxyBootstrap bootstrap = bootstrap(arguments.config());
          Optional<Generation> generation = Generation.of(System.getenv());
          CaptureProof.demand(bootstrap, generation, System.getenv());
          return Proxy.start(bootstrap, generation);
        });
  }

  private static ProxyBootstrap bootstrap(Path config) throws IOException {
    String written = config.toString();
    if (!written.startsWith(VARIABLE)) {
      return BootstrapReader.read(config);
    }
    String json = System.getenv(written.substring(VARIABLE.length()));
    if (json == null) {
      throw new IOException(written + ": there is no such variable");
    }
    return BootstrapReader.read(written, json);
  }
}
