package dev.meshctl.cli.demo;

import dev.meshctl.cli.CommandFailure;
import dev.meshctl.model.query.MeshClient;
import dev.meshctl.model.query.MeshQueryException;
import dev.meshctl.model.query.MeshStatus;
import dev.meshctl.model.query.ProxyView;
import dev.meshctl.model.source.FolderSource;
import dev.meshctl.model.traffic.SplitEditor;
import dev.meshctl.model.traffic.SplitRequest;
import dev.meshctl.model.validation.Diagnostic;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/** Moves a split in a folder, and waits until every proxy of the mesh has taken it over. */
final class SplitMover {
  private static final Duration PATIENCE = Duration.ofSeconds(15);

  private final Path folder;
  private final MeshClient client;

  SplitMover(Path folder, MeshClient client) {
    this.folder = folder;
    this.client = client;
  }

  /**
   * @return how long it took from the edit to the last acknowledgement
   */
  Duration move(String host, String namespace, Map<String, Integer> weights)
      throws IOException, InterruptedException {
    SplitEditor editor = new SplitEditor(FolderSource.read(folder));
    long begun = System.nanoTime();
    switch (editor.edit(new SplitRequest(host, namespace, "", weights))) {
      case SplitEditor.Edited.Refused(List<Diagnostic> reasons) -> throw refused(reasons);
      case SplitEditor.Edited.Prepared(var edit) -> {
        if (edit.isChange()) {
          List<Diagnostic> reasons = editor.write(edit);
          if (!reasons.isEmpty()) {
            throw refused(reasons);
          }
        }
        awaitAcknowledged(sha256(edit.newText()));
      }
    }
    return Duration.ofNanos(System.nanoTime() - begun);
  }

  /** Waits until {@code expected} proxies have acknowledged all there is. */
  void awaitProxies(int expected, Duration patience) throws InterruptedException {
    long deadline = System.nanoTime() + patience.toNanos();
    List<ProxyView> proxies = List.of();
    while (System.nanoTime() < deadline) {
      proxies = client.proxies();
      if (proxies.size() >= expected && allSynced(proxies, 0)) {
        return;
      }
      Thread.sleep(25);
    }
    throw CommandFailure.failed(
        "not every proxy has its configuration after " + patience.toSeconds() + " s",
        proxies.stream().map(p -> p.instance() + ": " + p.state()).toList(),
        "`meshctl proxy status` shows more");
  }

  private void awaitAcknowledged(String sha256) throws InterruptedException {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    String last = "";
    while (System.nanoTime() < deadline) {
      try {
        MeshStatus status = client.status();
        if (status.sources().containsValue(sha256)) {
          if (!status.accepted()) {
            throw refused(status.diagnostics());
          }
          List<ProxyView> proxies = client.proxies();
          if (allSynced(proxies, status.generation())) {
            return;
          }
          last =
              proxies.stream()
                  .filter(p -> !synced(p, status.generation()))
                  .map(p -> p.instance() + " is " + p.state())
                  .findFirst()
                  .orElse("");
        } else {
          last = "the control plane has not read the change";
        }
      } catch (MeshQueryException.Unreachable away) {
        last = String.valueOf(away.getMessage());
      }
      Thread.sleep(20);
    }
    throw CommandFailure.failed(
        "the split was not in force everywhere after " + PATIENCE.toSeconds() + " s: " + last,
        "`meshctl proxy status` shows who holds back");
  }

  private static boolean allSynced(List<ProxyView> proxies, long generation) {
    return !proxies.isEmpty() && proxies.stream().allMatch(p -> synced(p, generation));
  }

  private static boolean synced(ProxyView proxy, long generation) {
    return proxy.state() == ProxyView.State.SYNCED && proxy.generation() >= generation;
  }

  private static CommandFailure refused(List<Diagnostic> reasons) {
    return CommandFailure.refused(
        "the split cannot be moved", reasons.stream().map(Diagnostic::toString).toList(), "");
  }

  private static String sha256(String text) {
    try {
      return HexFormat.of()
          .formatHex(
              MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException(impossible);
    }
  }
}
