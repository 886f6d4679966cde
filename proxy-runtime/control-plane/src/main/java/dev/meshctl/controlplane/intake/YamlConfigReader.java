package dev.meshctl.controlplane.intake;

import dev.meshctl.model.source.FolderContents;
import dev.meshctl.model.source.RepeatedFolder;
import dev.meshctl.model.source.SourceFile;
import dev.meshctl.model.validation.Diagnostic;
import dev.meshctl.model.validation.MeshValidator;
import dev.meshctl.model.validation.ValidationResult;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The folder as the model's own reading and validation see it. What did not change since the last
 * time is neither parsed nor judged again.
 *
 * <p>Thread: one at a time.
 */
public final class YamlConfigReader implements ConfigReader {
  /** Certificates in it may have ended meanwhile. */
  private static final Duration JUDGED_AGAIN_AFTER = Duration.ofMinutes(1);

  private final String trustDomain;
  private final String rootNamespace;
  private final InstantSource clock;
  private final RepeatedFolder source = new RepeatedFolder();
  private @Nullable Judged last;

  /** The diagnostics of reading are more than its digests: a file that is no text has none. */
  private record Judged(
      Map<String, String> digests, List<Diagnostic> whileReading, Instant since, Reading reading) {}

  /**
   * @param clock tells which certificates are valid
   */
  public YamlConfigReader(String trustDomain, String rootNamespace, InstantSource clock) {
    this.trustDomain = trustDomain;
    this.rootNamespace = rootNamespace;
    this.clock = clock;
  }

  @Override
  public Reading read(Path folder) throws IOException {
    FolderContents contents = source.read(folder);
    Map<String, String> digests =
        contents.files().stream().collect(Collectors.toMap(SourceFile::name, SourceFile::sha256));
    List<Diagnostic> whileReading = contents.documents().diagnostics();
    Judged before = last;
    if (before != null
        && before.digests.equals(digests)
        && before.whileReading.equals(whileReading)
        && clock.instant().isBefore(before.since.plus(JUDGED_AGAIN_AFTER))) {
      return before.reading;
    }
    Reading reading = judge(contents, digests);
    last = new Judged(digests, whileReading, clock.instant(), reading);
    return reading;
  }

  private Reading judge(FolderContents contents, Map<String, String> digests) {
    return switch (MeshValidator.validate(
        trustDomain,
        rootNamespace,
        contents.documents().resources(),
        contents.documents().diagnostics(),
        clock.instant())) {
      case ValidationResult.Valid(var mesh, var diagnostics) ->
          new Reading(digests, Optional.of(mesh), diagnostics);
      case ValidationResult.Invalid(var diagnostics) ->
          new Reading(digests, Optional.empty(), diagnostics);
    };
  }
}
