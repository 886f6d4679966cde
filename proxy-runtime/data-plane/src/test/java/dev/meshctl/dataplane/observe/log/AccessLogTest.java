package dev.meshctl.dataplane.observe.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.meshctl.dataplane.observe.ResponseFlag;
import dev.meshctl.model.explain.hindsight.AccessLogLines;
import dev.meshctl.model.explain.hindsight.LoggedRequest;
import dev.meshctl.model.explain.hindsight.ResponseFlags;
import dev.meshctl.model.match.Bytes;
import dev.meshctl.model.xds.AccessLog.Comparison;
import dev.meshctl.model.xds.AccessLog.Filter;
import dev.meshctl.model.xds.AccessLog.Value;
import dev.meshctl.model.xds.route.HeaderMatch;
import dev.meshctl.model.xds.route.ValueMatch;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import net.jqwik.api.Assume;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.CharRange;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.StringLength;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class AccessLogTest {
  /** An exchange that went well, with what a test wants different. */
  private static final class Sample implements LogEntry {
    private final Map<String, String> request = new HashMap<>();
    private final Map<String, String> response = new HashMap<>();
    private long start = Instant.parse("2026-11-23T09:05:01.042Z").toEpochMilli();
    private long flags;

    private Sample() {
      request.put(":method", "GET");
      request.put(":path", "/reviews/0");
      request.put(":authority", "reviews:9080");
      request.put("user-agent", "curl/8");
    }

    private Sample with(String name, String value) {
      request.put(name, value);
      return this;
    }

    @Override
    public long startEpochMillis() {
      return start;
    }

    @Override
    public long durationMillis() {
      return 12;
    }

    @Override
    public int status() {
      return 200;
    }

    @Override
    public int grpcStatus() {
      return -1;
    }

    @Override
    public long flags() {
      return flags;
    }

    @Override
    public String responseDetails() {
      return "via_upstream";
    }

    @Override
    public String terminationDetails() {
      return "";
    }

    @Override
    public String transportFailure() {
      return "";
    }

    @Override
    public long bytesReceived() {
      return 0;
    }

    @Override
    public long bytesSent() {
      return 295;
    }

    @Override
    public String protocol() {
      return "HTTP/1.1";
    }

    @Override
    public long upstreamServiceMillis() {
      return 11;
    }

    @Override
    public @Nullable Bytes requestHeader(String lowerCaseName) {
      String value = request.get(lowerCaseName);
      return value == null ? null : Bytes.copyOf(value);
    }

    @Override
    public @Nullable Bytes responseHeader(String lowerCaseName) {
      String value = response.get(lowerCaseName);
      return value == null ? null : Bytes.copyOf(value);
    }

    @Override
    public String upstreamHost() {
      return "127.77.2.3:9080";
    }

    @Override
    public String upstreamCluster() {
      return "outbound|9080||reviews.default.svc.cluster.local";
    }

    @Override
    public String upstreamLocalAddress() {
      return "127.0.0.1:40000";
    }

    @Override
    public String downstreamLocalAddress() {
      return "127.77.18.2:9080";
    }

    @Override
    public String downstreamRemoteAddress() {
      return "127.0.0.1:50000";
    }

    @Override
    public String downstreamPeer() {
      return "";
    }

    @Override
    public String requestedServerName() {
      return "";
    }

    @Override
    public String routeName() {
      return "default";
    }
  }

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  private String logged(LogFormat format, LogEntry entry) {
    try (AccessLog log = AccessLog.to(out)) {
      LogBuffer buffer = log.buffer();
      buffer.log(entry, format);
      buffer.flush();
    }
    return out.toString(StandardCharsets.UTF_8);
  }

  @Test
  void a_line_looks_as_istio_writes_it() {
    assertThat(logged(LogFormat.text(LogFormat.ISTIO), new Sample()))
        .isEqualTo(
            "[2026-11-23T09:05:01.042Z] \"GET /reviews/0 HTTP/1.1\" 200 - via_upstream - \"-\""
                + " 0 295 12 11 \"-\" \"curl/8\" \"-\" \"reviews:9080\" \"127.77.2.3:9080\""
                + " outbound|9080||reviews.default.svc.cluster.local 127.0.0.1:40000"
                + " 127.77.18.2:9080 127.0.0.1:50000 - default\n");
  }

  @Test
  void a_json_line_has_numbers_texts_and_null() {
    Sample entry = new Sample().with("x-forwarded-for", "a\"b\\c\u0001é");
    entry.flags = ResponseFlag.UF.bit() | ResponseFlag.URX.bit();

    JsonNode line = JsonMapper.shared().readTree(logged(LogFormat.istioJson(), entry));

    assertThat(line.get("response_code").intValue()).isEqualTo(200);
    assertThat(line.get("response_flags").stringValue()).isEqualTo("UF,URX");
    assertThat(line.get("x_forwarded_for").stringValue()).isEqualTo("a\"b\\c\u0001é");
    assertThat(line.get("request_id").isNull()).isTrue();
    assertThat(line.get("start_time").stringValue()).isEqualTo("2026-11-23T09:05:01.042Z");
    assertThat(line.size()).isEqualTo(24);
  }

  @Property(tries = 300)
  void whatever_is_written_is_read_back_by_explain(
      @ForAll @CharRange(from = '\u0001', to = '\u007e') @StringLength(min = 1, max = 60)
          String agent,
      @ForAll @CharRange(from = '!', to = '~') @StringLength(max = 60) String path,
      @ForAll boolean json) {
    Assume.that(!agent.equals("-"));
    Sample entry = new Sample().with("user-agent", agent).with(":path", "/" + path);
    entry.flags = ResponseFlag.UF.bit() | ResponseFlag.URX.bit();
    LogFormat format = json ? LogFormat.istioJson() : LogFormat.text(LogFormat.ISTIO);
    out.reset();

    LoggedRequest read = AccessLogLines.ofItself().read(logged(format, entry)).orElseThrow();

    assertThat(read.userAgent()).isEqualTo(agent);
    assertThat(read.path()).isEqualTo("/" + path);
    assertThat(read.flags()).containsExactly("UF", "URX");
    assertThat(read.route().cluster())
        .isEqualTo("outbound|9080||reviews.default.svc.cluster.local");
    assertThat(read.addresses().client()).isEqualTo("127.0.0.1:50000");
  }

  @Test
  void every_flag_that_is_written_is_spelled_out() {
    assertThat(ResponseFlag.values())
        .allSatisfy(flag -> assertThat(ResponseFlags.of(flag.name())).as(flag.name()).isPresent());
  }

  @Test
  void a_header_cannot_forge_a_line() {
    Sample entry = new Sample().with("user-agent", "x\"\n[2026] \"GET / HTTP/1.1\" 200\r");

    String text = logged(LogFormat.text(LogFormat.ENVOY), entry);

    assertThat(text.lines()).hasSize(1);
    assertThat(text).contains("\"x\\x22\\x0a[2026] \\x22GET / HTTP/1.1\\x22 200\\x0d\"");
  }

  @Test
  void a_giant_header_is_cut_and_the_line_stays_one() {
    Sample entry = new Sample().with("user-agent", "\"".repeat(100_000));

    String text = logged(LogFormat.text("%REQ(USER-AGENT)% %DURATION%"), entry);

    assertThat(text).hasSizeLessThanOrEqualTo(AccessLog.BATCH_BYTES).endsWith("\n");
    assertThat(text.lines()).hasSize(1);
  }

  @Property(seed = "42")
  void any_moment_is_written_as_iso_has_it(
      @ForAll @LongRange(min = 0, max = 253_402_300_799_999L) long millis) {
    Sample entry = new Sample();
    entry.start = millis;
    LogSink sink = new LogSink(new byte[64]);
    byte[] line = new byte[64];
    sink.aim(line, 0);

    LogFormat.text("%START_TIME%").write(entry, sink);

    String expected =
        DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'\n")
            .withZone(java.time.ZoneOffset.UTC)
            .format(Instant.ofEpochMilli(millis));
    assertThat(new String(line, 0, sink.position(), StandardCharsets.UTF_8)).isEqualTo(expected);
  }

  @Test
  void an_operator_that_is_not_known_is_named() {
    assertThatThrownBy(() -> LogFormat.text("%DURATION% %NONSENSE(x)%"))
        .hasMessageContaining("unknown operator %NONSENSE(x)%");
    assertThatThrownBy(() -> LogFormat.json(Map.of("a", "%DURATION% ms")))
        .hasMessageContaining("a: %DURATION% ms (expected: one operator");
  }

  @Test
  void every_line_is_written_in_order_or_counted_as_dropped() {
    LogFormat format = LogFormat.text("%REQ(N)%");
    try (AccessLog log = AccessLog.to(out)) {
      LogBuffer buffer = log.buffer();
      for (int i = 0; i < 20_000; i++) {
        buffer.log(new Sample().with("n", Integer.toString(i)), format);
      }
      buffer.flush();
      log.close();

      long[] written =
          out.toString(StandardCharsets.UTF_8).lines().mapToLong(Long::parseLong).toArray();
      assertThat(written.length + log.dropped()).isEqualTo(20_000);
      assertThat(written).isSorted();
    }
  }

  @Test
  void a_disk_that_hangs_costs_lines_and_nothing_else() {
    CountDownLatch hanging = new CountDownLatch(1);
    OutputStream disk =
        new OutputStream() {
          @Override
          public void write(int next) {
            awaitQuietly(hanging);
          }

          @Override
          public void write(byte[] bytes, int offset, int length) {
            awaitQuietly(hanging);
            out.write(bytes, offset, length);
          }
        };
    LogFormat format = LogFormat.text(LogFormat.ISTIO);
    AccessLog log = AccessLog.to(disk);
    LogBuffer buffer = log.buffer();
    Sample entry = new Sample();
    int lines = 20_000;
    for (int i = 0; i < lines; i++) {
      buffer.log(entry, format);
    }
    buffer.flush();

    assertThat(log.dropped()).isPositive();
    hanging.countDown();
    log.close();
    assertThat(out.toString(StandardCharsets.UTF_8).lines().count() + log.dropped())
        .isEqualTo(lines);
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void a_file_is_appended_to(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("access.log");
    for (int run = 0; run < 2; run++) {
      try (AccessLog log = AccessLog.open(file.toString())) {
        LogBuffer buffer = log.buffer();
        buffer.log(new Sample(), LogFormat.text("%DURATION%"));
        buffer.flush();
      }
    }

    assertThat(Files.readString(file)).isEqualTo("12\n12\n");
  }

  @Test
  void a_file_that_cannot_be_opened_is_named(@TempDir Path folder) {
    assertThatThrownBy(() -> AccessLog.open(folder.resolve("no/such").toString()))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("no/such");
  }

  @Test
  void a_file_that_was_moved_away_is_opened_anew(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("access.log");
    Path moved = folder.resolve("access.log.1");
    LogFormat format = LogFormat.text("%DURATION%");
    try (AccessLog log = AccessLog.open(file.toString())) {
      LogBuffer buffer = log.buffer();
      buffer.log(new Sample(), format);
      buffer.flush();
      Awaitility.await().until(() -> Files.size(file) > 0);
      Files.move(file, moved);
      log.reopen();
      buffer.log(new Sample(), format);
      buffer.flush();
    }

    assertThat(Files.readString(moved)).isEqualTo("12\n");
    assertThat(Files.readString(file)).isEqualTo("12\n");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "%%|%",
        "%REQ(user-agent):4%|curl",
        "%REQ(X-NONE?:METHOD)%|GET",
        "%RESP(x-out)%|yes",
        "%RESP(x-none)%|-",
        "%DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT%|127.0.0.1",
        "%DOWNSTREAM_REMOTE_PORT%|50000",
        "%DOWNSTREAM_LOCAL_ADDRESS_WITHOUT_PORT%|127.77.18.2",
        "%UPSTREAM_REMOTE_ADDRESS%|127.77.2.3:9080",
        "%UPSTREAM_LOCAL_PORT%|40000",
        "%GRPC_STATUS%|-",
        "%START_TIME(%Y/%m/%d %H:%M:%S.%6f %z)%|2026/11/23 09:05:01.042000 +0000",
        "%START_TIME(%s.%3f)%|1795424701.042",
        "%START_TIME(%a, %d %b %Y %T %Z)%|Mon, 23 Nov 2026 09:05:01 UTC"
      })
  void operators_say_what_envoys_say(String format, String line) {
    Sample entry = new Sample();
    entry.response.put("x-out", "yes");

    assertThat(logged(LogFormat.text(format), entry)).isEqualTo(line + "\n");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "%DYNAMIC_METADATA(a:b)%",
        "%FILTER_STATE(a)%",
        "%START_TIME(%Q)%",
        "%GRPC_STATUS(LOUD)%",
        "100% of %DURATION%"
      })
  void what_is_not_supported_is_refused_by_name(String format) {
    assertThatThrownBy(() -> LogFormat.text(format))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("expected:");
  }

  @Test
  void json_may_be_nested_and_texts_mixed() {
    Map<String, Value> inner = new LinkedHashMap<>();
    inner.put("code", new Value.Text("%RESPONSE_CODE%"));
    inner.put("both", new Value.Text("%REQ(:METHOD)% took \"%DURATION%\" %GRPC_STATUS%"));
    inner.put("list", new Value.Items(List.of(new Value.Number(1.5), new Value.Flag(true))));
    inner.put("none", new Value.Null());
    Map<String, Value> members = new LinkedHashMap<>();
    members.put("in \"it\"", new Value.Members(inner));
    members.put("plain", new Value.Text("as it is"));

    String line =
        logged(
            LogFormat.of(
                new dev.meshctl.model.xds.AccessLog.Format.Json(new Value.Members(members))),
            new Sample());

    assertThat(line)
        .isEqualTo(
            "{\"in \\\"it\\\"\":{\"code\":200,\"both\":\"GET took \\\"12\\\""
                + " -\",\"list\":[1.5,true],\"none\":null},\"plain\":\"as it is\"}\n");
  }

  @Test
  void filters_choose_what_is_told() {
    SplittableRandom dice = new SplittableRandom(42);
    Sample entry = new Sample();
    entry.flags = ResponseFlag.UF.bit();

    assertThat(passes(new Filter.Status(Comparison.GE, 200), entry, dice)).isTrue();
    assertThat(passes(new Filter.Status(Comparison.GE, 500), entry, dice)).isFalse();
    assertThat(passes(new Filter.Millis(Comparison.LE, 12), entry, dice)).isTrue();
    assertThat(passes(new Filter.Flags(Set.of("UO", "UF")), entry, dice)).isTrue();
    assertThat(passes(new Filter.Flags(Set.of("UO")), entry, dice)).isFalse();
    assertThat(passes(new Filter.Flags(Set.of()), new Sample(), dice)).isFalse();
    assertThat(passes(new Filter.Percentage(0), entry, dice)).isFalse();
    assertThat(passes(new Filter.Percentage(100), entry, dice)).isTrue();
    Filter header =
        new Filter.Header(new HeaderMatch(":path", new ValueMatch.Prefix("/reviews"), false));
    assertThat(passes(header, entry, dice)).isTrue();
    Filter never = new Filter.Status(Comparison.EQ, 999);
    assertThat(passes(new Filter.All(List.of(header, never)), entry, dice)).isFalse();
    assertThat(passes(new Filter.Any(List.of(never, header)), entry, dice)).isTrue();
    assertThat(passes(new Filter.GrpcStatus(Set.of(0), true), entry, dice)).isFalse();
  }

  private static boolean passes(Filter filter, LogEntry entry, SplittableRandom dice) {
    return LogFilter.compile(filter).passes(entry, dice);
  }
}
