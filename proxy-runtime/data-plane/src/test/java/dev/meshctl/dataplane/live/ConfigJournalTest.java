package dev.meshctl.dataplane.live;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshctl.model.xds.ResourceType;
import dev.meshctl.model.xds.RouteTableConfig;
import dev.meshctl.model.xds.RouteTableConfig.VirtualHost;
import dev.meshctl.model.xds.XdsResource;
import dev.meshctl.xdsclient.ConfigSink.Rejection;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ConfigJournalTest {
  private Instant now = Instant.EPOCH.plusSeconds(100);
  private final ConfigJournal journal = new ConfigJournal(() -> now);

  private static Map<String, XdsResource> routes(String name, String... hosts) {
    List<VirtualHost> all =
        List.of(hosts).stream()
            .map(host -> new VirtualHost(host, List.of(host), List.of()))
            .toList();
    return Map.of(name, new RouteTableConfig(name, all));
  }

  private Instant put(Map<String, XdsResource> before, Map<String, XdsResource> after) {
    journal.settle(ResourceType.ROUTE, before, after);
    return journal.updated(ResourceType.ROUTE, "r");
  }

  @Test
  void only_what_changes_is_updated() {
    Instant first = now;
    assertThat(put(Map.of(), routes("r", "a"))).isEqualTo(first);

    now = now.plusSeconds(5);
    assertThat(put(routes("r", "a"), routes("r", "a"))).isEqualTo(first);
    assertThat(put(routes("r", "a"), routes("r", "b"))).isEqualTo(now);
    assertThat(put(routes("r", "b"), Map.of())).isEqualTo(Instant.EPOCH);
  }

  @Test
  void a_refusal_lasts_until_the_resource_is_good_or_gone() {
    journal.unreadable(new Rejection(ResourceType.ROUTE, "r", "garbage"), "7");
    assertThat(journal.refusals())
        .containsExactly(new ConfigJournal.Refusal(ResourceType.ROUTE, "r", "7", "garbage", now));

    put(Map.of(), routes("r", "a"));
    assertThat(journal.refusals()).isEmpty();

    journal.unreadable(new Rejection(ResourceType.ROUTE, "r", "garbage"), "8");
    journal.mended(ResourceType.ROUTE, "r");
    assertThat(journal.refusals()).isEmpty();
  }

  @Test
  void what_is_refused_again_for_the_same_reason_keeps_its_time() {
    Rejection rejection = new Rejection(ResourceType.LISTENER, "l", "port taken");
    Instant first = now;
    journal.refused(List.of(rejection));
    now = now.plusSeconds(5);
    journal.refused(List.of(rejection));

    assertThat(journal.refusals()).extracting(each -> each.when()).containsExactly(first);
    journal.refused(List.of());
    assertThat(journal.refusals()).isEmpty();
  }
}
