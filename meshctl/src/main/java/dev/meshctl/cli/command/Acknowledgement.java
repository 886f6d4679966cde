package dev.meshctl.cli.command;

import dev.meshctl.cli.render.Output;
import dev.meshctl.model.query.MeshStatus;
import dev.meshctl.model.query.ProxyView;
import dev.meshctl.model.validation.Diagnostic;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;

/**
 * Waits until a changed file is in force everywhere: the control plane has looked at exactly this
 * text and accepted it, and every connected proxy has acknowledged the configuration made of it.
 * All are asked, so the affected ones are among them.
 */
final class Acknowledgement {
  private static final Duration POLL = Duration.ofMillis(50);

  private final Supplier<MeshStatus> status;
  private final Supplier<List<ProxyView>> proxies;
  private final Duration timeout;
  private final Output output;

  Acknowledgement(
      Supplier<MeshStatus> status,
      Supplier<List<ProxyView>> proxies,
      Duration timeout,
      Output output) {
    this.status = status;
    this.proxies = proxies;
    this.timeout = timeout;
    this.output = output;
  }

  /** How waiting ended. */
  sealed interface Outcome {
    /** In force, in {@code millis} from the start of waiting. */
    record Everywhere(int proxies, List<String> away, long generation, long millis)
        implements Outcome {
      String text() {
        String text =
            String.format(
                Locale.ROOT,
                "acknowledged by all %s (configuration %d, after %d ms)",
                Plural.of(proxies, "proxy"),
                generation,
                millis);
        return away.isEmpty() ? text : text + "; not connected: " + String.join(", ", away);
      }
    }

    /** The control plane does not accept the text. */
    record Refused(List<Diagnostic> reasons) implements Outcome {}

    /** Time is up. {@code proxies} have not acknowledged; none where the control plane is late. */
    record Late(List<String> proxies, int connected, Duration timeout) implements Outcome {
      String text() {
        return proxies.isEmpty()
            ? "the control plane has not looked at the file within " + timeout.toMillis() + " ms"
            : proxies.size()
                + " of "
                + Plural.of(connected, "proxy")
                + " have not acknowledged within "
                + timeout.toMillis()
                + " ms";
      }
    }
  }

  Outcome of(String file, String text) throws InterruptedException {
    String wanted = sha256(text);
    long start = System.nanoTime();
    List<String> behind = List.of();
    int connected = 0;
    do {
      MeshStatus now = status.get();
      if (looksAt(now, file, wanted)) {
        if (!now.accepted()) {
          return new Outcome.Refused(
              now.diagnostics().stream()
                  .filter(d -> d.severity() == Diagnostic.Severity.ERROR)
                  .toList());
        }
        List<ProxyView> all = proxies.get();
        List<ProxyView> live =
            all.stream().filter(p -> p.state() != ProxyView.State.DISCONNECTED).toList();
        connected = live.size();
        behind = live.stream().filter(p -> behind(p, now.generation())).map(this::told).toList();
        if (behind.isEmpty()) {
          progress("");
          List<String> away =
              all.stream()
                  .filter(p -> p.state() == ProxyView.State.DISCONNECTED)
                  .map(ProxyNames::of)
                  .toList();
          long millis = (System.nanoTime() - start) / 1_000_000;
          return new Outcome.Everywhere(connected, away, now.generation(), millis);
        }
        progress("waiting: " + (connected - behind.size()) + " of " + connected + " proxies");
      }
      Thread.sleep(POLL);
    } while (System.nanoTime() - start < timeout.toNanos());
    progress("");
    return new Outcome.Late(behind, connected, timeout);
  }

  private static boolean looksAt(MeshStatus status, String file, String sha256) {
    return status.sources().entrySet().stream()
        .anyMatch(source ->
            source.getValue().equals(sha256)
                && (source.getKey().equals(file) || source.getKey().endsWith("/" + file)));
  }

  private static boolean behind(ProxyView proxy, long generation) {
    return proxy.state() == ProxyView.State.REJECTED || proxy.generation() < generation;
  }

  private String told(ProxyView proxy) {
    String error =
        proxy.types().stream()
            .map(ProxyView.TypeStatus::error)
            .filter(text -> !text.isEmpty())
            .findFirst()
            .map(text -> ": " + text)
            .orElse("");
    return ProxyNames.of(proxy)
        + " ("
        + proxy.state().name().toLowerCase(Locale.ROOT)
        + ", at configuration "
        + proxy.generation()
        + ")"
        + error;
  }

  /** One line, written over on a terminal; nothing in a pipe. */
  private void progress(String text) {
    if (output.screen().noteColour()) {
      output.err().print("\r\u001b[K" + text);
      output.err().flush();
    }
  }

  private static String sha256(String text) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
