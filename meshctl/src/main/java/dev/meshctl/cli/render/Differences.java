package dev.meshctl.cli.render;

import dev.meshctl.model.compare.Difference;
import dev.meshctl.model.compare.Difference.Change;
import dev.meshctl.model.compare.Difference.Example;
import dev.meshctl.model.compare.Difference.Requests;
import dev.meshctl.model.explain.Explanation.Source;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/** Requests whose fate changes, as people read them. */
public final class Differences {
  private static final int MOST_NAMES = 3;

  private Differences() {}

  /**
   * The classes to the answer; a line of summary and what was not looked through beside it.
   *
   * @param folder with the new configuration, for commands that ask it
   */
  public static void show(Difference difference, Path folder, Output output) {
    for (Requests requests : difference.classes()) {
      show(requests, folder, output);
    }
    difference.limits().forEach(limit -> output.note("note: " + limit));
    int classes = difference.classes().size();
    output.note(
        switch (classes) {
          case 0 -> "every request fares as before";
          case 1 -> "one kind of request fares otherwise";
          default -> classes + " kinds of requests fare otherwise";
        });
  }

  private static void show(Requests requests, Path folder, Output output) {
    output.line(
        output.paint(Style.STRONG, kind(requests))
            + output.paint(Style.QUIET, "  " + who(requests)));
    for (Change change : requests.changes()) {
      output.line(
          trait(change.trait(), output) + output.paint(Style.BAD, "- " + told(change.before())));
      output.line(trait("", output) + output.paint(Style.GOOD, "+ " + told(change.after())));
    }
    if (Objects.equals(requests.before(), requests.after())) {
      source("by", requests.before(), null, output);
    } else {
      source("was by", requests.before(), requests.after(), output);
      source("now by", requests.after(), requests.before(), output);
    }
    if (!requests.example().from().isEmpty() && requests.example().isRequest()) {
      output.line(
          trait("ask", output) + output.paint(Style.QUIET, command(requests.example(), folder)));
    }
    output.line("");
  }

  private static String trait(String name, Output output) {
    return output.paint(Style.NAME, String.format(Locale.ROOT, "  %-18s", name));
  }

  private static String told(String words) {
    return words.isEmpty() ? "none" : words;
  }

  private static void source(
      String when, @Nullable Source source, @Nullable Source other, Output output) {
    if (source != null || other != null) {
      output.line(
          trait(when, output)
              + output.paint(
                  Style.QUIET, source == null ? "nothing that somebody wrote" : source.toString()));
    }
  }

  /** {@code GET /reviews/7 to reviews:9080, x-user: jason}. */
  private static String kind(Requests requests) {
    Example example = requests.example();
    StringBuilder words = new StringBuilder();
    words.append(example.isRequest() ? example.method() + " " + example.path() : "connections");
    words.append(" to ").append(example.to());
    example.headers().forEach((name, value) -> words.append(", ").append(name + ": " + value));
    if (!example.source().isEmpty()) {
      words.append(", from ").append(example.source());
    }
    List<String> others =
        requests.hosts().stream()
            .filter(host -> !host.equals(example.headers().getOrDefault("host", example.to())))
            .toList();
    if (!others.isEmpty()) {
      words.append(" (also to ").append(some(others)).append(')');
    }
    return words.toString();
  }

  private static String who(Requests requests) {
    String proxies = some(requests.proxies());
    return switch (requests.where()) {
      case CLIENTS -> "from " + proxies;
      case GATEWAYS -> "at gateway " + proxies;
      case SERVERS ->
          "let in by "
              + proxies
              + (requests.example().from().isEmpty()
                  ? ", from somebody without a sidecar"
                  : ", from " + requests.example().from());
    };
  }

  private static String some(List<String> names) {
    return names.size() <= MOST_NAMES
        ? Output.list(names)
        : String.join(", ", names.subList(0, MOST_NAMES))
            + " and "
            + (names.size() - MOST_NAMES)
            + " more";
  }

  private static String command(Example example, Path folder) {
    StringJoiner words = new StringJoiner(" ");
    words.add("meshctl explain request --from").add(example.from());
    words.add("--to").add(quoted(example.to()));
    if (!example.method().equals("GET")) {
      words.add("--method").add(quoted(example.method()));
    }
    words.add("--path").add(quoted(example.path()));
    example.headers().forEach((name, value) -> words.add("-H").add(quoted(name + ": " + value)));
    if (!example.source().isEmpty()) {
      words.add("--source-ip").add(example.source());
    }
    return words.add("-f").add(quoted(folder.toString())).toString();
  }

  /** As a shell takes it. */
  private static String quoted(String word) {
    return word.matches("[A-Za-z0-9_./:=@,-]+")
        ? word
        : "'" + Objects.requireNonNull(word).replace("'", "'\\''") + "'";
  }
}
