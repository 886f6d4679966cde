package dev.meshctl.cli.command;

import dev.meshctl.cli.CommandFailure;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Option;

/** {@code -H 'NAME: VALUE'}, of a request that is asked about. */
public final class HeaderOption {
  @Option(
      names = {"-H", "--header"},
      paramLabel = "'NAME: VALUE'",
      description = "As often as needed.")
  private List<String> headers = List.of();

  /** Those of one name are joined, as a proxy reads them. */
  public Map<String, String> byName() {
    Map<String, String> byName = new LinkedHashMap<>();
    for (String header : headers) {
      int colon = header.indexOf(':', 1);
      if (colon < 0) {
        throw CommandFailure.refused(
            "no header: " + header, List.of(), "write it as -H 'NAME: VALUE'");
      }
      byName.merge(
          header.substring(0, colon).strip(),
          header.substring(colon + 1).strip(),
          (first, second) -> first + "," + second);
    }
    return byName;
  }
}
