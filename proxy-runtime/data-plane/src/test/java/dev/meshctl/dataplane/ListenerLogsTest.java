package dev.meshctl.dataplane;

import static dev.meshctl.dataplane.testing.Snapshots.ANY_PORT;
import static dev.meshctl.dataplane.testing.Snapshots.cluster;
import static dev.meshctl.dataplane.testing.Snapshots.listener;
import static dev.meshctl.dataplane.testing.Snapshots.plain;
import static dev.meshctl.dataplane.testing.Snapshots.route;
import static dev.meshctl.dataplane.testing.Snapshots.routes;
import static dev.meshctl.dataplane.testing.Snapshots.settings;
import static dev.meshctl.dataplane.testing.Snapshots.weighted;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.meshctl.dataplane.testing.Backend;
import dev.meshctl.dataplane.testing.Snapshots;
import dev.meshctl.model.xds.AccessLog;
import dev.meshctl.model.xds.AccessLog.Comparison;
import dev.meshctl.model.xds.AccessLog.Filter;
import dev.meshctl.model.xds.AccessLog.Format;
import dev.meshctl.model.xds.AccessLog.Sink;
import dev.meshctl.model.xds.AccessLog.Value;
import dev.meshctl.model.xds.ListenerConfig;
import dev.meshctl.model.xds.ListenerConfig.Direction;
import dev.meshctl.model.xds.NetworkFilter;
import dev.meshctl.model.xds.NetworkFilter.HttpConnection;
import dev.meshctl.model.xds.RouteTableConfig.RouteAction.Forward;
import dev.meshctl.xdsclient.ConfigSink.Rejection;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What listeners log, over real sockets. */
class ListenerLogsTest {
  @TempDir private Path folder = Path.of("");
  private final Backend backend = new Backend("b");
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private DataPlane plane;

  @BeforeEach
  void start() {
    plane = DataPlane.start(settings("client", 1), Optional.empty());
  }

  @AfterEach
  void stop() {
    client.close();
    plane.close();
    backend.close();
  }

  private AccessLog log(String file, String format) {
    return log(file, format, Optional.empty());
  }

  private AccessLog log(String file, String format, Optional<Filter> filter) {
    return new AccessLog(
        new Sink.File(folder.resolve(file).toString()), new Format.Text(format), filter);
  }

  private static HttpConnection http(AccessLog... logs) {
    HttpConnection plain = Snapshots.http("out");
    return new HttpConnection(
        plain.statPrefix(),
        plain.codec(),
        plain.routes(),
        plain.filters(),
        plain.streamIdleTimeout(),
        plain.requestTimeout(),
        plain.idleTimeout(),
        List.of(logs),
        plain.forwardClientCert(),
        plain.maxStreamDuration(),
        plain.maxConnectionDuration(),
        plain.options());
  }

  private List<Rejection> configure(NetworkFilter filter, AccessLog... ofListener) {
    ListenerConfig plain = listener("out", Direction.OUTBOUND, ANY_PORT, plain(filter));
    return plane.accept(
        Snapshots.of(
            new ListenerConfig(
                plain.name(),
                plain.direction(),
                plain.address(),
                plain.bindToPort(),
                plain.useOriginalDestination(),
                plain.detectProtocol(),
                plain.detectTimeout(),
                plain.chains(),
                plain.defaultChain(),
                plain.bufferBytes(),
                plain.proxyProtocol(),
                plain.closesUndetected(),
                List.of(ofListener)),
            routes("out", route(Forward.to("b"))),
            cluster("b", backend.address())));
  }

  private void get(String path, String... headers) throws Exception {
    InetSocketAddress at = Objects.requireNonNull(plane.listenAddresses().get("out"));
    HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http:/" + at + path));
    if (headers.length > 0) {
      request.headers(headers);
    }
    client.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  private List<String> lines(String file) {
    try {
      return Files.readAllLines(folder.resolve(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Once a second what is buffered is written. */
  private void awaitLines(String file, String... lines) {
    await()
        .atMost(Duration.ofSeconds(10))
        .untilAsserted(() -> assertThat(lines(file)).containsExactly(lines));
  }

  @Test
  void each_log_has_its_file_its_format_and_its_filter() throws Exception {
    Map<String, Value> members = new LinkedHashMap<>();
    members.put("code", new Value.Text("%RESPONSE_CODE%"));
    members.put("who", new Value.Text("%RESP(x-backend)% of %UPSTREAM_CLUSTER%"));
    assertThat(
            configure(
                http(
                    log("all", "%REQ(:PATH)% %REQ(x-who?x-else)% %RESPONSE_FLAGS%\n"),
                    log(
                        "bad",
                        "%RESPONSE_CODE%\n",
                        Optional.of(new Filter.Status(Comparison.GE, 500))),
                    new AccessLog(
                        new Sink.File(folder.resolve("json").toString()),
                        new Format.Json(new Value.Members(members)),
                        Optional.empty()))))
        .isEmpty();
    get("/a", "x-else", "me");
    get("/status/503");

    awaitLines("all", "/a me -", "/status/503 - -");
    awaitLines("bad", "503");
    awaitLines("json", "{\"code\":200,\"who\":\"b of b\"}", "{\"code\":503,\"who\":\"b of b\"}");
  }

  @Test
  void a_log_that_changes_takes_connections_that_are_open_with_it() throws Exception {
    assertThat(configure(http(log("first", "%REQ(:PATH)%\n")))).isEmpty();
    get("/a");
    assertThat(configure(http(log("second", "%REQ(:METHOD)%\n")))).isEmpty();
    get("/b");

    awaitLines("second", "GET");
    awaitLines("first", "/a");
  }

  @Test
  void what_cannot_be_written_refuses_the_listener_and_the_last_good_one_stays() throws Exception {
    assertThat(configure(http(log("good", "%RESPONSE_CODE%\n")))).isEmpty();

    assertThat(configure(http(log("good", "%DYNAMIC_METADATA(a:b)%\n"))))
        .singleElement()
        .satisfies(each -> assertThat(each.reason()).contains("%DYNAMIC_METADATA(a:b)%"));
    assertThat(configure(http(log("no/such/folder", "%RESPONSE_CODE%\n"))))
        .singleElement()
        .satisfies(each -> assertThat(each.reason()).contains("cannot open", "no/such/folder"));
    get("/a");
    awaitLines("good", "200");
  }

  @Test
  void tcp_and_the_listener_tell_of_connections() throws Exception {
    NetworkFilter.TcpProxy tcp =
        new NetworkFilter.TcpProxy(
            "tcp",
            List.of(weighted("b", 1)),
            Duration.ZERO,
            List.of(log("tcp", "%UPSTREAM_CLUSTER% %UPSTREAM_HOST% %RESPONSE_CODE% %PROTOCOL%\n")));
    assertThat(configure(tcp, log("listener", "%DOWNSTREAM_LOCAL_ADDRESS% %UPSTREAM_HOST%\n")))
        .isEmpty();
    InetSocketAddress at = Objects.requireNonNull(plane.listenAddresses().get("out"));
    // Closes with the client.
    get("/a");
    client.close();

    awaitLines("tcp", "b " + backend.address() + " 0 -");
    awaitLines("listener", "127.0.0.1:" + at.getPort() + " -");
  }
}
