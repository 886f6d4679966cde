package dev.meshctl.dataplane.hardening;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshctl.dataplane.upstream.WaterMarks;
import dev.meshctl.model.xds.HttpLimits;
import dev.meshctl.model.xds.HttpOptions;
import dev.meshctl.model.xds.OverloadConfig;
import dev.meshctl.model.xds.OverloadConfig.Action;
import dev.meshctl.model.xds.UpstreamOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The guide of limits says what holds. */
class LimitsGuideTest {
  private static final Path ROOT = Path.of(System.getProperty("meshctl.root", "../.."));

  private static String guide() throws IOException {
    return Files.readString(ROOT.resolve("docs/guide/limits.md"));
  }

  @Test
  void defaults_are_those_of_the_code() throws IOException {
    HttpLimits.Http2 http2 = HttpLimits.DEFAULT.http2();

    assertThat(guide())
        .contains("`max_request_headers_kb` | " + HttpLimits.DEFAULT.headKib() + " KiB |")
        .contains("max_headers_count` | " + HttpLimits.DEFAULT.fields() + " |")
        .contains(
            "`request_timeout`) | " + HttpOptions.DEFAULT_HEADERS_TIMEOUT.toSeconds() + " s |")
        .contains("max_concurrent_streams` | " + http2.streams() + " |")
        .contains("initial_stream_window_size` | " + http2.streamWindowBytes() / 1024 + " KiB |")
        .contains(
            "initial_connection_window_size` | " + (http2.connectionWindowBytes() >> 20) + " MiB |")
        .contains("hpack_table_size` | " + http2.tableBytes() + " bytes |")
        .contains(
            "`idle_timeout` | " + UpstreamOptions.DEFAULT_IDLE_TIMEOUT.toSeconds() + " s | closed")
        .contains(
            "listener's `per_connection_buffer_limit_bytes` | "
                + WaterMarks.DEFAULT.high() / 1024
                + " KiB |")
        .contains(
            "`fixed_heap` | "
                + percent(Action.DISABLE_KEEPALIVE)
                + ", "
                + percent(Action.STOP_ACCEPTING_REQUESTS)
                + ", "
                + percent(Action.STOP_ACCEPTING_CONNECTIONS)
                + " % |");
  }

  private static long percent(Action action) {
    return Math.round(
        OverloadConfig.DEFAULT.actions().getOrDefault(action, List.of()).getFirst().full() * 100);
  }

  @Test
  void fixed_bounds_name_classes_that_exist() throws IOException {
    Matcher rows = Pattern.compile("\\| `([A-Z][A-Za-z0-9]+)` \\|\\n").matcher(guide());
    int found = 0;
    while (rows.find()) {
      found++;
      String file = rows.group(1) + ".java";
      try (Stream<Path> sources =
          Files.walk(ROOT.resolve("proxy-runtime/data-plane/src/main/java"))) {
        assertThat(sources.anyMatch(source -> source.endsWith(file))).as(file).isTrue();
      }
    }
    assertThat(found).isEqualTo(19);
  }
}
