package dev.meshctl.model.explain.hindsight;

import dev.meshctl.model.explain.Explanation;
import dev.meshctl.model.explain.Gateways;
import dev.meshctl.model.explain.Question;
import dev.meshctl.model.explain.RequestExplainer;
import dev.meshctl.model.explain.Scene;
import dev.meshctl.model.explain.UnknownSubject;
import dev.meshctl.model.explain.hindsight.Entry.Logger;
import dev.meshctl.model.explain.hindsight.Entry.Side;
import dev.meshctl.model.explain.hindsight.Hindsight.Difference;
import dev.meshctl.model.explain.hindsight.Hindsight.Seen;
import dev.meshctl.model.xds.PolicyRule;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Explains requests that have been, from what was logged of them.
 *
 * <p>Threads: any; immutable.
 */
public final class LookBack {
  private final Scene scene;
  private final Loggers loggers;
  private final RequestExplainer explainer;

  /**
   * What is known beside the log.
   *
   * @param from whom the user names as the client; empty for what the log tells
   * @param headers of the request that logs do not have
   * @param changed files of the configuration, by when they were changed last
   * @param broken why the configuration cannot be asked; empty where it can
   */
  public record Known(
      String from, Map<String, String> headers, Map<String, Instant> changed, String broken) {
    public Known {
      headers = Map.copyOf(headers);
      changed = Map.copyOf(changed);
    }

    /** Of a configuration that can be asked. */
    public Known(String from, Map<String, String> headers, Map<String, Instant> changed) {
      this(from, headers, changed, "");
    }
  }

  private LookBack(Scene scene) {
    this.scene = scene;
    this.loggers = new Loggers(scene);
    this.explainer = RequestExplainer.of(scene);
  }

  public static LookBack over(Scene scene) {
    return new LookBack(scene);
  }

  /**
   * A line with who wrote it.
   *
   * @param writer empty where the log's place does not tell
   */
  public Entry entry(LoggedRequest logged, Optional<Logger> writer, Known known) {
    return loggers.entry(logged, writer, named(known.from()));
  }

  private Optional<Logger> named(String from) {
    if (from.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(new Logger("", from, Gateways.named(scene.mesh(), from).isPresent()));
  }

  /** By time; lines of a client and of its servers become one. */
  public static List<Hop> hops(List<Entry> entries) {
    return Hops.of(entries);
  }

  /** What became of a request, and what would now. */
  public Hindsight explain(Hop hop, Known known) {
    Entry first = hop.first();
    if (!known.broken().isEmpty()) {
      return told(hop, null, null, known.broken());
    }
    Optional<Logger> client =
        first.side() == Side.CALLED
            ? named(known.from()).or(() -> loggers.addressed(first.logged().addresses().client()))
            : first.logger();
    if (client.isEmpty()) {
      return told(
          hop,
          null,
          null,
          first.side() == Side.CALLED
              ? "the server's log does not tell who called; name the client with --from"
              : "the line does not tell whose log it is from; name the client with --from");
    }
    Question question;
    Explanation now;
    try {
      question = Rebuilt.question(scene, first, client.get(), known.headers());
      now = explainer.explain(question);
    } catch (UnknownSubject unknown) {
      return told(hop, null, null, unknown.problem() + "; " + unknown.fix());
    }
    return told(hop, new Asked(question, now, known), now, "");
  }

  private record Asked(Question question, Explanation now, Known known) {}

  private Hindsight told(
      Hop hop, @Nullable Asked asked, @Nullable Explanation now, String unexplained) {
    Entry first = hop.first();
    List<Difference> differences =
        now == null ? List.of() : Comparison.of(first, hop.servers(), now, !scene.guessed());
    return new Hindsight(
        first.logger().map(LookBack::name).orElse(""),
        first.side(),
        first.logged(),
        endpoint(first),
        meanings(first),
        hop.servers().stream()
            .map(server ->
                new Seen(
                    server.logger().map(LookBack::name).orElse(""),
                    server.logged(),
                    meanings(server)))
            .toList(),
        asked == null ? null : asked.question(),
        now,
        unexplained,
        differences,
        asked == null ? List.of() : reasons(hop, asked, differences));
  }

  private static String name(Logger logger) {
    return logger.namespace().isEmpty() ? logger.name() : logger.question();
  }

  /** The replica at an address, by its name; empty where it is none of the mesh. */
  public String nameOf(String address) {
    return loggers.addressed(address).map(Logger::name).orElse("");
  }

  private String endpoint(Entry entry) {
    String address = entry.logged().route().endpoint();
    return entry.side() == Side.CALLED ? "" : nameOf(address);
  }

  private static List<Meaning> meanings(Entry entry) {
    boolean called = entry.side() == Side.CALLED;
    List<Meaning> all = new ArrayList<>(ResponseFlags.of(entry.logged().flags(), called));
    ResponseDetails.of(entry.logged().details(), entry.logged().status(), called)
        .ifPresent(all::add);
    return all;
  }

  /** Who denied it then and is no more; empty where nobody did, or still does. */
  private Optional<String> gone(Hop hop) {
    return Stream.concat(Stream.of(hop.first()), hop.servers().stream())
        .flatMap(entry -> ResponseDetails.deniedBy(entry.logged().details()).stream())
        .filter(rule -> PolicyRule.parse(rule).isPresent() && scene.rule(rule).isEmpty())
        .flatMap(rule -> PolicyRule.parse(rule).stream())
        .map(rule -> rule.resource() + " is not in the configuration any more")
        .findFirst();
  }

  /** The surest first. */
  private List<String> reasons(Hop hop, Asked asked, List<Difference> differences) {
    LoggedRequest logged = hop.first().logged();
    List<String> reasons = new ArrayList<>();
    if (!differences.isEmpty()) {
      gone(hop).ifPresent(reasons::add);
      logged.start().ifPresent(at -> reasons.addAll(changedAfter(at, asked.known().changed())));
      if (logged.flags().contains("UH")) {
        reasons.add(
            "its proxy leaves out endpoints that it ejected, or that were not ready then; explain"
                + " knows only what the proxy is told");
      }
    }
    boolean sameRoute =
        !logged.route().name().isEmpty() && logged.route().name().equals(asked.now().route());
    Set<String> missing = new TreeSet<>(asked.now().headers());
    missing.removeAll(asked.question().headers().keySet());
    if (!missing.isEmpty() && !(sameRoute && differences.isEmpty())) {
      reasons.add(
          "routes or policies ask for headers that the log does not have (%s); tell them with -H"
              .formatted(String.join(", ", missing)));
    }
    if (reasons.isEmpty() && !differences.isEmpty()) {
      reasons.add("the configuration, or who runs, was another one then");
    }
    return reasons;
  }

  private static List<String> changedAfter(Instant at, Map<String, Instant> changed) {
    return new TreeMap<>(changed)
        .entrySet().stream()
            .filter(file -> file.getValue().isAfter(at))
            .map(file ->
                file.getKey()
                    + " was changed after it, at "
                    + file.getValue().truncatedTo(ChronoUnit.SECONDS))
            .toList();
  }
}
