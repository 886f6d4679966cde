package dev.meshctl.model.explain.hindsight;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshctl.model.testkit.MeshText;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class AccessLogLinesTest {
  private static final AccessLogLines LINES = AccessLogLines.of(MeshText.valid(""));
  private static final String ISTIO =
      "[2026-11-29T01:47:00.234Z] \"GET /a?b=%20c HTTP/1.1\" 503 UF,URX"
          + " upstream_reset_before_response_started{connection_timeout} - \"TLS error: x y\" 7 19"
          + " 140 - \"10.0.0.9\" \"curl \\x22quoted\\x22\" \"id-1\" \"reviews:9080\""
          + " \"10.1.0.2:8080\" outbound|9080||reviews.shop.svc.cluster.local 10.1.0.1:5 10.96.0.7:9080"
          + " 10.1.0.1:41234 - default";

  @Test
  void istios_text_is_read() {
    LoggedRequest read = LINES.read(ISTIO).orElseThrow();
    assertThat(read.start()).contains(Instant.parse("2026-11-29T01:47:00.234Z"));
    assertThat(read.method()).isEqualTo("GET");
    assertThat(read.path()).isEqualTo("/a?b=%20c");
    assertThat(read.protocol()).isEqualTo("HTTP/1.1");
    assertThat(read.status()).isEqualTo(503);
    assertThat(read.flags()).containsExactly("UF", "URX");
    assertThat(read.details())
        .isEqualTo("upstream_reset_before_response_started{connection_timeout}");
    assertThat(read.terminationDetails()).isEmpty();
    assertThat(read.transportFailure()).isEqualTo("TLS error: x y");
    assertThat(read.durationMillis()).isEqualTo(140);
    assertThat(read.forwardedFor()).isEqualTo("10.0.0.9");
    assertThat(read.userAgent()).isEqualTo("curl \"quoted\"");
    assertThat(read.requestId()).isEqualTo("id-1");
    assertThat(read.authority()).isEqualTo("reviews:9080");
    assertThat(read.route())
        .isEqualTo(
            new LoggedRequest.Route(
                "default", "outbound|9080||reviews.shop.svc.cluster.local", "10.1.0.2:8080"));
    assertThat(read.addresses())
        .isEqualTo(new LoggedRequest.Addresses("10.1.0.1:41234", "10.96.0.7:9080", "10.1.0.1:5"));
    assertThat(read.prefix()).isEmpty();
  }

  @Test
  void envoys_text_is_read_which_tells_less() {
    LoggedRequest read =
        LINES
            .read(
                "[2026-11-29T01:47:00.234Z] \"POST /p HTTP/2\" 404 NR 0 0 1 - \"-\" \"grpc\""
                    + " \"id-2\" \"reviews\" \"-\"")
            .orElseThrow();
    assertThat(read.method()).isEqualTo("POST");
    assertThat(read.status()).isEqualTo(404);
    assertThat(read.flags()).containsExactly("NR");
    assertThat(read.details()).isEmpty();
    assertThat(read.route()).isEqualTo(new LoggedRequest.Route("", "", ""));
    assertThat(read.failed()).isTrue();
    assertThat(read.passedOn()).isFalse();
  }

  @Test
  void objects_are_read_whatever_else_they_have() {
    LoggedRequest read =
        LINES
            .read(
                "istio-proxy {\"start_time\":\"2026-11-29T01:47:00.234Z\",\"method\":\"GET\","
                    + "\"path\":\"/\",\"response_code\":200,\"response_flags\":\"-\","
                    + "\"upstream_cluster\":null,\"request_id\":\"id-3\",\"mine\":{\"a\":1}}")
            .orElseThrow();
    assertThat(read.prefix()).isEqualTo("istio-proxy");
    assertThat(read.status()).isEqualTo(200);
    assertThat(read.flags()).isEmpty();
    assertThat(read.route().cluster()).isEmpty();
    assertThat(read.requestId()).isEqualTo("id-3");
    assertThat(read.failed()).isFalse();
  }

  @Test
  void the_format_of_the_mesh_itself_is_read() {
    String text =
        """
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: istio, namespace: istio-system}
        data:
          mesh: |
            accessLogFile: /dev/stdout
            accessLogFormat: "%START_TIME%|%REQ(:METHOD)%|%REQ(:PATH)%|%RESPONSE_CODE%|%DOWNSTREAM_REMOTE_ADDRESS%"
        """;
    AccessLogLines own = AccessLogLines.of(MeshText.valid(text));
    Optional<LoggedRequest> read = own.read("2026-11-29T01:47:00.234Z|GET|/a b|403|10.1.0.1:41234");
    assertThat(read).isPresent();
    assertThat(read.get().path()).isEqualTo("/a b");
    assertThat(read.get().status()).isEqualTo(403);
    assertThat(read.get().addresses().client()).isEqualTo("10.1.0.1:41234");
    assertThat(own.read(ISTIO)).as("others are read too").isPresent();
  }

  @Test
  void a_connection_is_no_request() {
    LoggedRequest read =
        LINES
            .read(
                "[2026-11-29T01:46:57.081Z] \"- - -\" 0 UF - - \"-\" 8 22 3157 - \"-\" \"-\" \"-\""
                    + " \"-\" \"10.1.0.2:9091\" outbound|9091||stock.shop.svc.cluster.local"
                    + " 10.1.0.1:5 10.96.0.8:9091 10.1.0.1:39798 - -")
            .orElseThrow();
    assertThat(read.overHttp()).isFalse();
    assertThat(read.failed()).isTrue();
    assertThat(read.requestId()).isEmpty();
  }

  @Test
  void other_lines_are_none() {
    for (String line :
        List.of(
            "",
            "hello",
            "{}",
            "{\"level\":\"info\",\"time\":\"now\"}",
            "{broken",
            "[2026-11-29T01:46:57.081Z] info something",
            "2026-11-29T01:46:57.081Z\tinfo\txdsproxy\tconnected")) {
      assertThat(LINES.read(line)).as(line).isEmpty();
    }
  }

  @Property(tries = 500)
  void no_line_is_too_strange(@ForAll String noise, @ForAll boolean before) {
    Optional<LoggedRequest> read = LINES.read(before ? noise + ISTIO : ISTIO + noise);
    // Whatever stands there, it is read or not, and quickly; before a line it is a prefix.
    read.ifPresent(request -> assertThat(request.method()).isNotNull());
    assertThat(LINES.read(noise)).isEmpty();
  }
}
