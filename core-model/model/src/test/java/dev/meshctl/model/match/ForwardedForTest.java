package dev.meshctl.model.match;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshctl.model.xds.HttpOptions.ClientAddress;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.CharRange;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;

class ForwardedForTest {

  @Property(seed = "42")
  void entries_are_counted_from_the_end(
      @ForAll @Size(min = 1, max = 6)
          List<@CharRange(from = '0', to = '9') @StringLength(max = 4) String> entries,
      @ForAll @IntRange(max = 7) int place) {
    String expected = place < entries.size() ? entries.get(entries.size() - 1 - place) : null;

    assertThat(ForwardedFor.at(Bytes.copyOf(String.join(", ", entries)), place))
        .isEqualTo(expected);
  }

  /** What a client writes stands before what the proxies append, so it is never taken. */
  @Property(seed = "42")
  void nobody_outside_the_trusted_hops_has_a_say(
      @ForAll boolean direct,
      @ForAll boolean skipAppend,
      @ForAll @IntRange(max = 4) int hops,
      @ForAll @Size(max = 3)
          List<@CharRange(from = 'a', to = 'z') @StringLength(3) String> forged) {
    ClientAddress rule = new ClientAddress(direct, hops, skipAppend);
    List<String> header = new ArrayList<>(forged);
    // The client, then all proxies but the one that speaks to us; that one's address is ours to
    // append.
    int before = direct ? hops : hops + 1;
    for (int i = 0; i < before; i++) {
      header.add("10.0.0." + i);
    }
    if (rule.appends()) {
      header.add("10.0.0." + before);
    }

    String client =
        rule.place() < 0
            ? "the connection's own"
            : ForwardedFor.at(Bytes.copyOf(String.join(",", header)), rule.place());

    assertThat(client).isEqualTo(direct && hops == 0 ? "the connection's own" : "10.0.0.0");
  }

  @Test
  void nothing_is_told_where_there_is_no_header() {
    assertThat(ForwardedFor.at(null, 0)).isNull();
    assertThat(ForwardedFor.at(Bytes.copyOf(""), 0)).isEmpty();
  }
}
