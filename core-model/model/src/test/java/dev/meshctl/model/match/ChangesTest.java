package dev.meshctl.model.match;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshctl.model.xds.RouteTableConfig.RouteAction;
import dev.meshctl.model.xds.route.Header;
import dev.meshctl.model.xds.route.HeaderChanges;
import dev.meshctl.model.xds.route.PathMatch;
import dev.meshctl.model.xds.route.PathRewrite;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a matched route does to a request. */
class ChangesTest {
  @ParameterizedTest
  @CsvSource({
    "/old, /new, /old/a, /new/a",
    "/old/, /, /old/a?b=c, /a?b=c",
    "/old, /, /old/a, //a",
    "/, /api/, /a, /api/a"
  })
  void a_prefix_is_replaced_as_it_stands(
      String prefix, String replacement, String path, String expected) {
    PathChange change =
        PathChange.compile(new PathRewrite.Prefix(replacement), new PathMatch.Prefix(prefix));

    assertThat(change.apply(Bytes.copyOf(path))).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource({
    "/old, /new, /old/a, /new/a",
    "/old, /, /old/a, /a",
    "/old, /, /old, /",
    "/old, /, /old?b, /?b",
    "/old/, /new/, /old/a, /new/a",
    "/, /new, /a, /new/a"
  })
  void a_prefix_of_elements_keeps_elements_apart(
      String prefix, String replacement, String path, String expected) {
    PathChange change =
        PathChange.compile(
            new PathRewrite.Prefix(replacement), new PathMatch.PathSeparatedPrefix(prefix));

    assertThat(change.apply(Bytes.copyOf(path))).isEqualTo(expected);
  }

  @Test
  void a_full_rewrite_keeps_the_query() {
    PathChange change = PathChange.compile(new PathRewrite.Full("/x"), new PathMatch.Prefix("/"));

    assertThat(change.apply(Bytes.copyOf("/a/b?c=d"))).isEqualTo("/x?c=d");
  }

  @ParameterizedTest
  @CsvSource({
    "shop.example, https://shop.example/a?b=c",
    "shop.example:80, https://shop.example:80/a?b=c",
    "shop.example:8080, https://shop.example:8080/a?b=c"
  })
  void who_is_to_come_with_tls_is_sent_to_where_he_was(String authority, String expected) {
    RedirectTo redirect =
        RedirectTo.schemeOf(new RouteAction.Redirect("https", "", 0, Optional.empty(), 301));
    assertThat(redirect.location(TextRequest.get(authority, "/a?b=c"))).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource({
    "https, '', 0, http://a:8080/p?q, https://a:8080/p?q",
    "https, '', 0, http://a:80/p?q, https://a/p?q",
    "'', '', 0, http://a:80/p, http://a:80/p",
    "'', b, 0, http://a:8080/p, http://b/p",
    "'', '', 9090, http://a:8080/p, http://a:9090/p",
    "'', '', 80, http://a:8080/p, http://a/p",
    "https, '', 443, http://a/p, https://a/p",
    "'', '', 0, http://a:8080/p, http://a:8080/p",
    "'', '', 0, http://[::1]:8080/p, http://[::1]:8080/p"
  })
  void a_redirect_keeps_what_it_does_not_change(
      String scheme, String host, int port, String from, String to) {
    RedirectTo redirect =
        new RedirectTo(
            new RouteAction.Redirect(scheme, host, port, Optional.empty(), 301),
            new PathMatch.Prefix("/"));
    String[] parts = from.split("://|(?=/p)");

    assertThat(redirect.location(TextRequest.of("GET", parts[0], parts[1], parts[2])))
        .isEqualTo(to);
  }

  @Test
  void headers_that_are_set_or_removed_are_dropped_first_whatever_their_case() {
    CompiledHeaders changes =
        CompiledHeaders.compile(
            new HeaderChanges(
                List.of(new Header("X-Set", "1")),
                List.of(new Header("x-add", "100%")),
                List.of("x-gone")));

    assertThat(drops(changes, "X-SET")).isTrue();
    assertThat(drops(changes, "X-Gone")).isTrue();
    assertThat(drops(changes, "x-add")).isFalse();
    assertThat(new String(changes.http1(), StandardCharsets.UTF_8))
        .isEqualTo("x-set: 1\r\nx-add: 100%\r\n");
    assertThat(CompiledHeaders.compile(HeaderChanges.NONE)).isSameAs(CompiledHeaders.NONE);
  }

  private static boolean drops(CompiledHeaders changes, String name) {
    byte[] bytes = ("<" + name + ">").getBytes(StandardCharsets.ISO_8859_1);
    return changes.drops(bytes, 1, name.length());
  }

  @Test
  void a_chance_hits_as_often_as_it_says() {
    SplittableRandom dice = new SplittableRandom(42);
    Chance chance = Chance.ofPercentage(12.5);
    int hits = 0;
    for (int i = 0; i < 100_000; i++) {
      hits += chance.hits(dice) ? 1 : 0;
    }

    assertThat(hits).isBetween(12_500 - 523, 12_500 + 523);
    assertThat(Chance.ofPercentage(100).hits(dice)).isTrue();
    assertThat(Chance.NEVER.hits(dice)).isFalse();
  }
}
