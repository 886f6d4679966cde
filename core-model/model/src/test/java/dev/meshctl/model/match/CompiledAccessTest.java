package dev.meshctl.model.match;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.meshctl.model.match.CompiledAccess.Decision;
import dev.meshctl.model.xds.AccessControl;
import dev.meshctl.model.xds.AccessRules;
import dev.meshctl.model.xds.AccessRules.Action;
import dev.meshctl.model.xds.AccessRules.Condition;
import dev.meshctl.model.xds.AccessRules.Policy;
import dev.meshctl.model.xds.AccessRules.Which;
import dev.meshctl.model.xds.FilterChain.Cidr;
import dev.meshctl.model.xds.route.HeaderMatch;
import dev.meshctl.model.xds.route.ValueMatch;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class CompiledAccessTest {
  private static final Condition ANY = new Condition.Always();
  private static final String CLIENT = "spiffe://cluster.local/ns/shop/sa/web";
  private static final ConnectionFacts CONNECTION = connection(CLIENT, "a.example", true);
  private static final TextRequest REQUEST =
      TextRequest.of("GET", "https", "shop.example", "/books/1?page=2");

  private static ConnectionFacts connection(String client, String serverName, boolean secure) {
    return new ConnectionFacts(
        new InetSocketAddress("10.1.2.3", 8080),
        new InetSocketAddress("192.168.7.9", 40000),
        secure,
        serverName,
        client.isEmpty() ? List.of() : List.of(client));
  }

  private static Policy policy(Condition permission, Condition principal) {
    return new Policy(List.of(permission), List.of(principal));
  }

  private static CompiledAccess rules(Action action, Map<String, Policy> policies) {
    return CompiledAccess.compile(AccessControl.enforcing(new AccessRules(action, policies)));
  }

  private static boolean holds(Condition condition) {
    return holds(condition, REQUEST, CONNECTION);
  }

  private static boolean holds(
      Condition condition, @Nullable RequestView request, ConnectionFacts connection) {
    return rules(Action.ALLOW, Map.of("p", policy(condition, ANY)))
        .decide(request, connection)
        .equals(new Decision.Allowed());
  }

  @Test
  void without_rules_all_is_allowed_and_with_empty_ones_nothing() {
    assertThat(CompiledAccess.NONE.decide(REQUEST, CONNECTION)).isEqualTo(new Decision.Allowed());
    assertThat(rules(Action.ALLOW, Map.of()).decide(REQUEST, CONNECTION))
        .isEqualTo(new Decision.Denied(""));
    assertThat(rules(Action.DENY, Map.of()).decide(REQUEST, CONNECTION))
        .isEqualTo(new Decision.Allowed());
  }

  @Test
  void the_first_policy_by_name_that_denies_is_named() {
    Policy all = policy(ANY, ANY);
    Policy none = policy(new Condition.Not(ANY), ANY);
    assertThat(rules(Action.DENY, Map.of("c", all, "b", all, "a", none)).decide(null, CONNECTION))
        .isEqualTo(new Decision.Denied("b"));
    assertThat(rules(Action.LOG, Map.of("a", all)).decide(null, CONNECTION))
        .isEqualTo(new Decision.Allowed());
  }

  @Test
  void a_policy_needs_one_of_its_permissions_and_one_of_its_principals() {
    Condition no = new Condition.Not(ANY);
    Policy mixed = new Policy(List.of(no, ANY), List.of(no, ANY));
    assertThat(rules(Action.DENY, Map.of("p", mixed)).decide(REQUEST, CONNECTION))
        .isEqualTo(new Decision.Denied("p"));
    Policy nobody = new Policy(List.of(ANY), List.of(no, no));
    assertThat(rules(Action.DENY, Map.of("p", nobody)).decide(REQUEST, CONNECTION))
        .isEqualTo(new Decision.Allowed());
  }

  @Test
  void paths_are_compared_without_their_query() {
    assertThat(holds(new Condition.UrlPath(new ValueMatch.Exact("/books/1")))).isTrue();
    assertThat(holds(new Condition.UrlPath(new ValueMatch.Suffix("page=2")))).isFalse();
    assertThat(
            holds(
                new Condition.UrlPath(
                    new ValueMatch.IgnoringCase(new ValueMatch.Prefix("/BOOKS")))))
        .isTrue();
  }

  @Test
  void headers_and_paths_match_no_connection_as_such() {
    Condition header =
        new Condition.Header(new HeaderMatch(":method", new ValueMatch.Present(), true));
    assertThat(holds(header, null, CONNECTION)).isFalse();
    assertThat(holds(new Condition.UrlPath(new ValueMatch.Present()), null, CONNECTION)).isFalse();
  }

  @Test
  void clients_are_known_by_any_name_of_their_certificate() {
    ValueMatch name = new ValueMatch.Prefix("spiffe://cluster.local/ns/shop/");
    Condition named = new Condition.Authenticated(Optional.of(name));
    Condition anybody = new Condition.Authenticated(Optional.empty());
    assertThat(holds(named)).isTrue();
    assertThat(holds(named, REQUEST, connection("", "", false))).isFalse();
    assertThat(holds(anybody)).isTrue();
    assertThat(holds(anybody, REQUEST, connection("", "", false))).isFalse();
  }

  @Test
  void ports_addresses_and_server_names_are_the_connections() {
    assertThat(holds(new Condition.DestinationPort(8080, 8081))).isTrue();
    assertThat(holds(new Condition.DestinationPort(1, 8080))).isFalse();
    assertThat(holds(new Condition.DestinationIp(new Cidr("10.1.0.0", 16)))).isTrue();
    assertThat(holds(new Condition.DestinationIp(new Cidr("::", 0)))).isFalse();
    assertThat(holds(new Condition.ServerName(new ValueMatch.Exact("a.example")))).isTrue();
    assertThat(holds(new Condition.SourceIp(Which.DIRECT, new Cidr("192.168.7.9", 32)))).isTrue();
  }

  @Test
  void the_remote_address_is_the_last_that_was_forwarded_where_one_proxy_is_trusted() {
    Condition remote = new Condition.SourceIp(Which.REMOTE, new Cidr("1.2.3.0", 24));
    ConnectionFacts told = CONNECTION.toldAt(0);
    assertThat(holds(remote, REQUEST, told)).isFalse();
    assertThat(holds(remote, REQUEST.with("x-forwarded-for", "9.9.9.9, 1.2.3.4"), told)).isTrue();
    assertThat(holds(remote, REQUEST.with("x-forwarded-for", "1.2.3.4, junk"), told)).isFalse();
  }

  @Test
  void the_remote_address_is_the_connections_where_no_proxy_is_trusted() {
    Condition remote = new Condition.SourceIp(Which.REMOTE, new Cidr("192.168.7.9", 32));
    assertThat(holds(remote, REQUEST.with("x-forwarded-for", "1.2.3.4"), CONNECTION)).isTrue();
  }

  @Test
  void the_remote_address_stands_as_far_from_the_end_as_hops_are_trusted() {
    Condition remote = new Condition.SourceIp(Which.REMOTE, new Cidr("1.2.3.4", 32));
    TextRequest request = REQUEST.with("x-forwarded-for", "6.6.6.6, 1.2.3.4, 5.5.5.5,7.7.7.7");
    for (int place = 0; place < 6; place++) {
      assertThat(holds(remote, request, CONNECTION.toldAt(place))).isEqualTo(place == 2);
    }
    Condition itself = new Condition.SourceIp(Which.REMOTE, new Cidr("192.168.7.9", 32));
    assertThat(holds(itself, request, CONNECTION.toldAt(4))).as("fewer than trusted").isTrue();
  }

  @Test
  void what_cannot_be_compiled_is_named() {
    assertThatThrownBy(() -> holds(new Condition.UrlPath(new ValueMatch.Regex("("))))
        .hasMessageContaining("RE2");
    assertThatThrownBy(() -> holds(new Condition.DestinationIp(new Cidr("a.example", 8))))
        .hasMessageContaining("a.example/8");
  }

  @Property(seed = "42", tries = 500)
  void a_range_holds_the_addresses_that_share_its_bits(
      @ForAll @Size(4) byte[] one,
      @ForAll @Size(4) byte[] other,
      @ForAll @IntRange(min = 0, max = 32) int bits)
      throws UnknownHostException {
    InetAddress address = InetAddress.getByAddress(one);
    boolean same =
        new BigInteger(1, one)
            .shiftRight(32 - bits)
            .equals(new BigInteger(1, other).shiftRight(32 - bits));
    assertThat(
            IpRange.compile(new Cidr(address.getHostAddress(), bits))
                .holds(IpNumber.of(InetAddress.getByAddress(other))))
        .isEqualTo(same);
  }

  @Property(seed = "42", tries = 500)
  void a_range_of_version_6_holds_the_addresses_that_share_its_bits(
      @ForAll @Size(16) byte[] one,
      @ForAll @IntRange(min = 0, max = 127) int flipped,
      @ForAll @IntRange(min = 0, max = 128) int bits)
      throws UnknownHostException {
    one[0] |= 0x20;
    byte[] other = one.clone();
    other[flipped / 8] ^= (byte) (0x80 >> flipped % 8);
    if (InetAddress.getByAddress(other).getAddress().length == 16) {
      assertThat(
              IpRange.compile(new Cidr(InetAddress.getByAddress(one).getHostAddress(), bits))
                  .holds(IpNumber.of(InetAddress.getByAddress(other))))
          .isEqualTo(flipped >= bits);
    }
  }
}
