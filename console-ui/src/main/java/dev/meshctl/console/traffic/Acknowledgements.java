package dev.meshctl.console.traffic;

import dev.meshctl.console.feed.MeshFeed;
import dev.meshctl.model.query.MeshStatus;
import dev.meshctl.model.query.ProxyView;
import dev.meshctl.model.traffic.SplitEdit;
import dev.meshctl.model.validation.Diagnostic;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Consumer;

/**
 * Follows a written edit until the control plane has accepted exactly this text and every connected
 * proxy has it in force. Thread: any; blocks.
 */
final class Acknowledgements {
  private static final long POLL_MILLIS = 100;

  private final MeshFeed mesh;
  private final Duration timeout;

  Acknowledgements(MeshFeed mesh, Duration timeout) {
    this.mesh = mesh;
    this.timeout = timeout;
  }

  /**
   * @param progress told of each change
   * @return how it ended: applied, refused (by the control plane) or late
   */
  SplitState await(SplitEdit edit, Consumer<SplitState> progress) throws InterruptedException {
    String wanted = sha256(edit.newText());
    long start = System.nanoTime();
    SplitState last = new SplitState.Applying(0, 0);
    do {
      MeshStatus now = mesh.status();
      if (now.sources().entrySet().stream()
          .anyMatch(source ->
              source.getValue().equals(wanted) && names(source.getKey(), edit.file().name()))) {
        if (!now.accepted()) {
          return new SplitState.Refused(errors(now));
        }
        SplitState fresh = count(now.generation(), start);
        if (fresh instanceof SplitState.Applied) {
          return fresh;
        }
        if (!fresh.equals(last)) {
          progress.accept(fresh);
          last = fresh;
        }
      }
      Thread.sleep(POLL_MILLIS);
    } while (System.nanoTime() - start < timeout.toNanos());
    return late(last);
  }

  private static boolean names(String key, String file) {
    return key.equals(file) || key.endsWith("/" + file);
  }

  private SplitState count(long generation, long start) {
    List<ProxyView> live =
        mesh.proxies().stream()
            .filter(proxy -> proxy.state() != ProxyView.State.DISCONNECTED)
            .toList();
    int done =
        (int)
            live.stream()
                .filter(proxy ->
                    proxy.state() != ProxyView.State.REJECTED && proxy.generation() >= generation)
                .count();
    long millis = (System.nanoTime() - start) / 1_000_000;
    return done == live.size()
        ? new SplitState.Applied(done, millis)
        : new SplitState.Applying(done, live.size());
  }

  private SplitState late(SplitState last) {
    String within = " within " + timeout.toSeconds() + " s";
    if (last instanceof SplitState.Applying(int done, int all) && all > 0) {
      return new SplitState.Late(
          (all - done) + " of " + all + " proxies have not acknowledged" + within);
    }
    return new SplitState.Late("the control plane has not looked at the file" + within);
  }

  private static List<String> errors(MeshStatus status) {
    return status.diagnostics().stream()
        .filter(found -> found.severity() == Diagnostic.Severity.ERROR)
        .map(Diagnostic::toString)
        .toList();
  }

  static String sha256(String text) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(digest);
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException("every Java has SHA-256", impossible);
    }
  }
}
