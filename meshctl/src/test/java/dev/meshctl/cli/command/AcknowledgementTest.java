package dev.meshctl.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshctl.cli.command.Acknowledgement.Outcome;
import dev.meshctl.cli.render.Output;
import dev.meshctl.cli.render.Screen;
import dev.meshctl.model.query.MeshStatus;
import dev.meshctl.model.query.ProxyView;
import dev.meshctl.model.query.ProxyView.State;
import dev.meshctl.model.source.Position;
import dev.meshctl.model.validation.Diagnostic;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

class AcknowledgementTest {
  private static final Duration LONG = Duration.ofSeconds(30);
  private static final Duration SHORT = Duration.ofMillis(120);

  @Test
  void it_ends_when_the_control_plane_holds_the_text_and_every_proxy_its_generation()
      throws Exception {
    Outcome outcome =
        outcome(
            inTurn(status("old", 6, true), status("new", 7, true)),
            inTurn(
                List.of(proxy("a", State.STALE, 6), proxy("b", State.SYNCED, 7)),
                List.of(proxy("a", State.SYNCED, 7), proxy("b", State.SYNCED, 7))),
            LONG);
    assertThat(outcome)
        .isInstanceOfSatisfying(
            Outcome.Everywhere.class,
            done -> {
              assertThat(done.proxies()).isEqualTo(2);
              assertThat(done.generation()).isEqualTo(7);
              assertThat(done.text())
                  .startsWith("acknowledged by all 2 proxies (configuration 7, after ");
            });
  }

  @Test
  void a_proxy_that_is_away_is_named_but_not_waited_for() throws Exception {
    Outcome outcome =
        outcome(
            () -> status("new", 7, true),
            () -> List.of(proxy("a", State.SYNCED, 7), proxy("b", State.DISCONNECTED, 3)),
            LONG);
    assertThat(outcome)
        .isInstanceOfSatisfying(
            Outcome.Everywhere.class,
            done ->
                assertThat(done.text())
                    .startsWith("acknowledged by all 1 proxy")
                    .endsWith("; not connected: b.shop"));
  }

  @Test
  void time_up_names_those_that_have_not() throws Exception {
    Outcome outcome =
        outcome(
            () -> status("new", 7, true),
            () -> List.of(proxy("a", State.SYNCED, 7), proxy("b", State.REJECTED, 7)),
            SHORT);
    assertThat(outcome)
        .isInstanceOfSatisfying(
            Outcome.Late.class,
            late -> {
              assertThat(late.text())
                  .isEqualTo("1 of 2 proxies have not acknowledged within 120 ms");
              assertThat(late.proxies())
                  .containsExactly("b.shop (rejected, at configuration 7): no cluster x");
            });
  }

  @Test
  void a_control_plane_that_never_looks_is_late_itself() throws Exception {
    Outcome outcome = outcome(() -> status("old", 6, true), List::of, SHORT);
    assertThat(outcome)
        .isInstanceOfSatisfying(
            Outcome.Late.class,
            late ->
                assertThat(late.text())
                    .isEqualTo("the control plane has not looked at the file within 120 ms"));
  }

  @Test
  void a_text_that_the_control_plane_refuses_comes_back_with_its_reasons() throws Exception {
    Outcome outcome = outcome(() -> status("new", 6, false), List::of, LONG);
    assertThat(outcome)
        .isInstanceOfSatisfying(
            Outcome.Refused.class,
            refused -> assertThat(refused.reasons()).extracting("code").containsExactly("MESH1"));
  }

  @Test
  void a_file_in_another_folder_of_the_same_name_is_not_the_one() throws Exception {
    MeshStatus other =
        status(Map.of("untraffic.yaml", sha256("new"), "traffic.yaml", sha256("old")), 7, true);
    assertThat(outcome(() -> other, List::of, SHORT)).isInstanceOf(Outcome.Late.class);
  }

  private static Outcome outcome(
      Supplier<MeshStatus> status, Supplier<List<ProxyView>> proxies, Duration timeout)
      throws Exception {
    PrintStream nowhere = new PrintStream(OutputStream.nullOutputStream());
    return new Acknowledgement(status, proxies, timeout, new Output(nowhere, nowhere, Screen.PLAIN))
        .of("traffic.yaml", "new");
  }

  /** Each answer once, then the last again and again. */
  @SafeVarargs
  private static <T> Supplier<T> inTurn(T... answers) {
    Deque<T> left = new ArrayDeque<>(List.of(answers));
    return () -> left.size() > 1 ? left.poll() : left.element();
  }

  private static MeshStatus status(String text, long generation, boolean accepted) {
    return status(Map.of("traffic.yaml", sha256(text)), generation, accepted);
  }

  private static MeshStatus status(Map<String, String> sources, long generation, boolean accepted) {
    Diagnostic reason =
        new Diagnostic(
            "MESH1",
            Diagnostic.Severity.ERROR,
            "VirtualService shop/reviews",
            new Position("traffic.yaml", 1, 1),
            "",
            "broken",
            "mend it");
    return new MeshStatus(
        "m",
        "1",
        "cluster.local",
        0,
        generation,
        accepted,
        sources,
        accepted ? List.of() : List.of(reason),
        0,
        0);
  }

  private static ProxyView proxy(String instance, State state, long generation) {
    String error = state == State.REJECTED ? "no cluster x" : "";
    return new ProxyView(
        instance,
        "SIDECAR",
        "shop",
        instance,
        instance,
        "spiffe://cluster.local/ns/shop/sa/x",
        state,
        0,
        generation,
        List.of(new ProxyView.TypeStatus("ROUTE", 1, 7, generation, error)));
  }

  private static String sha256(String text) {
    try {
      return HexFormat.of()
          .formatHex(
              MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
    } catch (java.security.NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }
}
