package dev.meshctl.model.explain.hindsight;

import dev.meshctl.model.explain.Explanation;
import dev.meshctl.model.explain.Explanation.Candidate;
import dev.meshctl.model.explain.Explanation.Destination;
import dev.meshctl.model.explain.Explanation.Outcome;
import dev.meshctl.model.explain.hindsight.Entry.Side;
import dev.meshctl.model.explain.hindsight.Hindsight.Difference;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A line of a log beside an explanation of the same request. */
final class Comparison {
  private static final int FORBIDDEN = 403;

  private final Entry entry;
  private final List<Entry> servers;
  private final Explanation now;

  private Comparison(Entry entry, List<Entry> servers, Explanation now) {
    this.entry = entry;
    this.servers = servers;
    this.now = now;
  }

  /**
   * @param addresses those of the explanation are real
   */
  static List<Difference> of(Entry entry, List<Entry> servers, Explanation now, boolean addresses) {
    Comparison comparison = new Comparison(entry, servers, now);
    List<Difference> differences = new ArrayList<>();
    comparison.answer().ifPresent(differences::add);
    if (entry.side() != Side.CALLED) {
      comparison.route().ifPresent(differences::add);
      comparison.cluster().ifPresent(differences::add);
      if (addresses) {
        comparison.endpoint().ifPresent(differences::add);
      }
    }
    return differences;
  }

  private Optional<Difference> answer() {
    Optional<Outcome> then = outcome();
    boolean deniedFurtherOn =
        now.outcome() == Outcome.DENIED
            && entry.logged().passedOn()
            && entry.logged().status() == FORBIDDEN
            && servers.isEmpty();
    return then.filter(outcome -> outcome != now.outcome() && !deniedFurtherOn)
        .map(outcome ->
            new Difference(
                "answer", outcome.word() + " (" + answer(entry.logged()) + ")", words(now)));
  }

  /** {@code 503 UF,URX}. */
  static String answer(LoggedRequest logged) {
    String flags = String.join(",", logged.flags());
    return logged.overHttp()
        ? logged.status() + (flags.isEmpty() ? "" : " " + flags)
        : flags.isEmpty() ? "connection" : flags;
  }

  private static String words(Explanation now) {
    return now.outcome() == Outcome.ROUTED && !now.endpoints().isEmpty()
        ? "%s, %d of %d endpoints are in"
            .formatted(
                now.outcome().word(),
                now.endpoints().stream().filter(Candidate::in).count(),
                now.endpoints().size())
        : now.outcome().word();
  }

  /** What became of it, in the words of an explanation; empty where it has none for that. */
  private Optional<Outcome> outcome() {
    LoggedRequest logged = entry.logged();
    boolean denied =
        Stream.concat(Stream.of(entry), servers.stream())
            .anyMatch(line -> ResponseDetails.deniedBy(line.logged().details()).isPresent());
    if (denied) {
      return Optional.of(Outcome.DENIED);
    }
    if (logged.flags().contains("NR") || logged.details().equals("route_not_found")) {
      return Optional.of(Outcome.NO_ROUTE);
    }
    if (logged.flags().contains("UH")) {
      return Optional.of(Outcome.REJECTED);
    }
    if (logged.details().equals("direct_response")) {
      return Optional.of(logged.status() / 100 == 3 ? Outcome.REDIRECTED : Outcome.DIRECT_RESPONSE);
    }
    return logged.route().endpoint().isEmpty() ? Optional.empty() : Optional.of(Outcome.ROUTED);
  }

  private Optional<Difference> route() {
    String then = entry.logged().route().name();
    return then.isEmpty() || now.route().isEmpty() || then.equals(now.route())
        ? Optional.empty()
        : Optional.of(new Difference("route", then, now.route()));
  }

  private Optional<Destination> used() {
    return now.destinations().stream()
        .filter(destination -> destination.cluster().equals(entry.logged().route().cluster()))
        .findFirst();
  }

  private Optional<Difference> cluster() {
    String then = entry.logged().route().cluster();
    return then.isEmpty() || now.destinations().isEmpty() || used().isPresent()
        ? Optional.empty()
        : Optional.of(
            new Difference(
                "cluster",
                then,
                now.destinations().stream()
                    .map(Destination::cluster)
                    .collect(Collectors.joining(" or "))));
  }

  private Optional<Difference> endpoint() {
    String then = entry.logged().route().endpoint();
    Optional<Destination> used = used();
    if (then.isEmpty() || used.isEmpty() || used.get().endpoints().isEmpty()) {
      return Optional.empty();
    }
    List<Candidate> all = used.get().endpoints();
    for (Candidate candidate : all) {
      if (candidate.in() && candidate.address().equals(then)) {
        return Optional.empty();
      }
      if (!candidate.in() && candidate.address().equals(LoggedRequest.host(then))) {
        return Optional.of(
            new Difference(
                "endpoint", candidate.name() + " (" + then + ")", "out: " + candidate.reason()));
      }
    }
    String in =
        all.stream()
            .filter(Candidate::in)
            .map(candidate -> candidate.name() + " (" + candidate.address() + ")")
            .collect(Collectors.joining(", "));
    return Optional.of(
        new Difference(
            "endpoint",
            then,
            "nobody has this address" + (in.isEmpty() ? "" : "; there are " + in)));
  }
}
