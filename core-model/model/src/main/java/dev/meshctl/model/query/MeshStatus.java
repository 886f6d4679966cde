package dev.meshctl.model.query;

import dev.meshctl.model.validation.Diagnostic;
import java.util.List;
import java.util.Map;

/**
 * The control plane's own state ({@code GET /api/v1/status}).
 *
 * @param generation counts accepted configurations, from 1
 * @param sources every file read, with the SHA-256 (hex) of the content last looked at, whether
 *     accepted or not
 * @param accepted false while the last good configuration is in force because the newest is broken
 * @param diagnostics of the newest configuration looked at
 * @param proxiesSynced proxies that acknowledged {@code generation}, of {@code proxies} connected
 */
public record MeshStatus(
    String mesh,
    String version,
    String trustDomain,
    long startedAtEpochMillis,
    long generation,
    boolean accepted,
    Map<String, String> sources,
    List<Diagnostic> diagnostics,
    int proxies,
    int proxiesSynced) {
  public MeshStatus {
    sources = Map.copyOf(sources);
    diagnostics = List.copyOf(diagnostics);
  }
}
