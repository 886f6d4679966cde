package dev.meshctl.model.wire;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.util.JsonFormat;
import dev.meshctl.model.source.yaml.YamlDocuments;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryResponse;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Discovery as JSON, as xDS over REST has it.
 *
 * <p>Threads: any. Its first use loads the descriptors of every message it knows, so sidecars keep
 * away from it.
 */
public final class DiscoveryJson {
  private static final JsonFormat.Printer PRINTER =
      JsonFormat.printer().preservingProtoFieldNames().omittingInsignificantWhitespace();

  private DiscoveryJson() {}

  public static String of(DiscoveryRequest request) {
    try {
      return PRINTER.print(request);
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException("a request holds no message of an unknown type", e);
    }
  }

  /**
   * The response that {@code text} is.
   *
   * @param source names it in problems
   * @throws IOException where it is none, or holds fields that we do not know; the message names
   *     each
   */
  public static DiscoveryResponse response(String source, String text) throws IOException {
    YamlDocuments documents = YamlDocuments.of(source, text);
    if (!documents.diagnostics().isEmpty() || documents.roots().size() != 1) {
      throw new IOException(source + ": no JSON (expected: a DiscoveryResponse)");
    }
    MessageYaml yaml = new MessageYaml(source, documents.roots().getFirst());
    List<MessageYaml.Finding> problems = new ArrayList<>();
    Optional<DiscoveryResponse> response =
        yaml.read(
            DiscoveryResponse.getDescriptor(), DiscoveryResponse.parser(), problems, problems);
    if (response.isEmpty() || !problems.isEmpty()) {
      throw new IOException(
          problems.stream().map(yaml::place).distinct().collect(Collectors.joining("\n")));
    }
    return response.get();
  }
}
