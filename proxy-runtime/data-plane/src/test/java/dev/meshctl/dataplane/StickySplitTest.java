package dev.meshctl.dataplane;

import static dev.meshctl.dataplane.testing.Snapshots.ANY_PORT;
import static dev.meshctl.dataplane.testing.Snapshots.cluster;
import static dev.meshctl.dataplane.testing.Snapshots.http;
import static dev.meshctl.dataplane.testing.Snapshots.listener;
import static dev.meshctl.dataplane.testing.Snapshots.plain;
import static dev.meshctl.dataplane.testing.Snapshots.route;
import static dev.meshctl.dataplane.testing.Snapshots.routes;
import static dev.meshctl.dataplane.testing.Snapshots.settings;
import static dev.meshctl.dataplane.testing.Snapshots.split;
import static dev.meshctl.dataplane.testing.Snapshots.weighted;
import static org.assertj.core.api.Assertions.assertThat;

import dev.meshctl.dataplane.testing.Backend;
import dev.meshctl.dataplane.testing.Snapshots;
import dev.meshctl.model.xds.ListenerConfig.Direction;
import dev.meshctl.model.xds.RouteTableConfig.Steering;
import dev.meshctl.model.xds.route.HashPolicy;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Users stay on the version they got while weights move, over real sockets. */
class StickySplitTest {
  private static final int USERS = 300;
  private static final HashPolicy BY_HEADER = new HashPolicy.HeaderValue("x-user", true);

  private final Backend one = new Backend("v1");
  private final Backend two = new Backend("v2");
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final DataPlane plane = DataPlane.start(settings("client", 2), Optional.empty());
  private final DataPlane other = DataPlane.start(settings("other", 1), Optional.empty());

  @AfterEach
  void stop() {
    client.close();
    plane.close();
    other.close();
    one.close();
    two.close();
  }

  private void configure(DataPlane at, int first, int second, HashPolicy key) {
    assertThat(
            at.accept(
                Snapshots.of(
                    listener("out", Direction.OUTBOUND, ANY_PORT, plain(http("out"))),
                    routes(
                        "out",
                        route(
                            split(weighted("v1", first), weighted("v2", second))
                                .hashedBy(key)
                                .steeredBy(Steering.sticky()))),
                    cluster("v1", one.address()),
                    cluster("v2", two.address()))))
        .isEmpty();
  }

  private HttpResponse<String> get(DataPlane at, String header, String value) throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(
            URI.create("http:/" + Objects.requireNonNull(at.listenAddresses().get("out")) + "/"));
    if (!header.isEmpty()) {
      request.header(header, value);
    }
    return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  private List<String> versions(DataPlane at) throws Exception {
    List<String> versions = new ArrayList<>();
    for (int user = 0; user < USERS; user++) {
      versions.add(get(at, "x-user", "user-" + user).body());
    }
    return versions;
  }

  @Test
  void users_move_only_to_the_version_that_grows_and_come_back_as_they_went() throws Exception {
    configure(plane, 90, 10, BY_HEADER);
    List<String> few = versions(plane);
    assertThat(versions(plane)).isEqualTo(few);
    configure(plane, 60, 40, BY_HEADER);
    List<String> more = versions(plane);
    int moved = 0;
    for (int user = 0; user < USERS; user++) {
      if (few.get(user).equals("v2")) {
        assertThat(more.get(user)).isEqualTo("v2");
      } else {
        moved += more.get(user).equals("v2") ? 1 : 0;
      }
    }
    // 30 % of 300, and four standard deviations.
    assertThat(moved).isBetween(58, 122);
    configure(plane, 90, 10, BY_HEADER);
    assertThat(versions(plane)).isEqualTo(few);
  }

  @Test
  void proxies_that_share_nothing_agree() throws Exception {
    configure(plane, 70, 30, BY_HEADER);
    configure(other, 70, 30, BY_HEADER);
    assertThat(versions(other)).isEqualTo(versions(plane)).contains("v1", "v2");
  }

  @Test
  void who_brings_no_cookie_gets_one_and_stays_with_it() throws Exception {
    configure(plane, 50, 50, new HashPolicy.Cookie("user", Optional.of(Duration.ZERO), "/", true));
    for (int i = 0; i < 30; i++) {
      HttpResponse<String> first = get(plane, "", "");
      assertThat(first.headers().allValues("set-cookie")).hasSize(1);
      String cookie = first.headers().firstValue("set-cookie").orElseThrow();
      String pair = cookie.substring(0, cookie.indexOf(';'));
      HttpResponse<String> again = get(plane, "cookie", pair);
      assertThat(again.body()).isEqualTo(first.body());
      assertThat(again.headers().allValues("set-cookie")).isEmpty();
    }
  }
}
