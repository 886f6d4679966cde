package dev.meshctl.model.wire;

import dev.meshctl.model.source.yaml.YamlDocuments;
import dev.meshctl.model.xds.StandaloneConfig;
import dev.meshctl.model.xds.StandaloneConfig.WatchedFile;
import dev.meshctl.model.xds.XdsSnapshot;
import io.envoyproxy.envoy.config.bootstrap.v3.Bootstrap;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Reads the bootstrap that people write for a plain Envoy (v3; YAML or JSON, which is YAML too).
 *
 * <p>Threads: any; blocking where the bootstrap names files. Its first use loads the descriptors of
 * all messages it knows, so sidecars keep away from it.
 */
public final class EnvoyBootstrap {
  private EnvoyBootstrap() {}

  /** What became of a bootstrap. */
  public sealed interface Outcome {
    /**
     * Taken.
     *
     * @param leftAside what is set and not acted on: each with place and path
     */
    record Taken(StandaloneConfig config, List<String> leftAside) implements Outcome {
      public Taken {
        leftAside = List.copyOf(leftAside);
      }
    }

    /**
     * Refused.
     *
     * @param problems all of them: {@code file:line:column: path: what (expected: ...)}
     */
    record Refused(List<String> problems) implements Outcome {
      public Refused {
        problems = List.copyOf(problems);
      }
    }
  }

  /**
   * Reads {@code text}.
   *
   * @param source names it in problems
   * @param files reads certificates and keys that stand in files of their own
   * @param lenient leave out what is not supported, instead of refusing
   */
  public static Outcome read(String source, String text, DataFiles files, boolean lenient) {
    YamlDocuments documents = YamlDocuments.of(source, text);
    if (!documents.diagnostics().isEmpty()) {
      return new Outcome.Refused(documents.diagnostics().stream().map(Object::toString).toList());
    }
    if (documents.roots().size() != 1) {
      return new Outcome.Refused(
          List.of(source + ": " + documents.roots().size() + " documents (expected: one)"));
    }
    MessageYaml yaml = new MessageYaml(source, documents.roots().getFirst());
    List<MessageYaml.Finding> unknown = new ArrayList<>();
    List<MessageYaml.Finding> problems = new ArrayList<>();
    List<MessageYaml.Finding> leftAside = new ArrayList<>();
    Optional<Bootstrap> message =
        yaml.read(Bootstrap.getDescriptor(), Bootstrap.parser(), unknown, problems);
    (lenient ? leftAside : problems).addAll(unknown);
    Optional<StandaloneConfig> config =
        message.map(
            bootstrap -> new BootstrapCodec(files, lenient, problems, leftAside).decode(bootstrap));
    if (config.isEmpty() || !problems.isEmpty()) {
      return new Outcome.Refused(problems.stream().map(yaml::place).distinct().toList());
    }
    return new Outcome.Taken(config.get(), leftAside.stream().map(yaml::place).distinct().toList());
  }

  /** What became of a file with resources. */
  public sealed interface FileOutcome {
    /**
     * Taken.
     *
     * @param more files that these resources refer to
     */
    record Taken(XdsSnapshot resources, Set<WatchedFile> more) implements FileOutcome {
      public Taken {
        more = Set.copyOf(more);
      }
    }

    /** Refused whole: as {@link Outcome.Refused}. */
    record Refused(List<String> problems) implements FileOutcome {
      public Refused {
        problems = List.copyOf(problems);
      }
    }
  }

  /** Reads the {@code DiscoveryResponse} that a {@code path_config_source} names. */
  public static FileOutcome readFile(
      WatchedFile file, String text, DataFiles files, boolean lenient) {
    YamlDocuments documents = YamlDocuments.of(file.path(), text);
    if (!documents.diagnostics().isEmpty() || documents.roots().size() != 1) {
      return new FileOutcome.Refused(
          documents.diagnostics().isEmpty()
              ? List.of(file.path() + ": not one document (expected: a DiscoveryResponse)")
              : documents.diagnostics().stream().map(Object::toString).toList());
    }
    MessageYaml yaml = new MessageYaml(file.path(), documents.roots().getFirst());
    List<MessageYaml.Finding> unknown = new ArrayList<>();
    List<MessageYaml.Finding> problems = new ArrayList<>();
    BootstrapCodec codec = new BootstrapCodec(files, lenient, problems, new ArrayList<>());
    Optional<XdsSnapshot> resources =
        yaml.read(DiscoveryResponse.getDescriptor(), DiscoveryResponse.parser(), unknown, problems)
            .map(message -> codec.file(file.type(), message));
    if (!lenient) {
      problems.addAll(unknown);
    }
    if (resources.isEmpty() || !problems.isEmpty()) {
      return new FileOutcome.Refused(problems.stream().map(yaml::place).distinct().toList());
    }
    return new FileOutcome.Taken(resources.get(), codec.watched());
  }
}
