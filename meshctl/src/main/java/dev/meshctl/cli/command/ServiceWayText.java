package dev.meshctl.cli.command;

import dev.meshctl.capture.node.explain.ServiceWay;
import dev.meshctl.capture.node.explain.ServiceWay.Answer;
import dev.meshctl.capture.node.explain.ServiceWay.Door;
import dev.meshctl.capture.node.explain.ServiceWay.Step;
import dev.meshctl.cli.render.Output;
import dev.meshctl.cli.render.Style;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/** A {@link ServiceWay} for a terminal. */
final class ServiceWayText {
  /** What the kernel keeps as a comment is told beside the rule. */
  private static final Pattern COMMENT =
      Pattern.compile("( -m comment --comment \"[^\"]*\")|( comment \"[^\"]*\")");

  private static final int PLACE = 12;

  private ServiceWayText() {}

  static void show(ServiceWay way, Output output) {
    output.line(
        output.paint(Style.STRONG, way.service())
            + " on "
            + way.node()
            + ", by "
            + way.mode()
            + ", from "
            + whom(way)
            + (way.source().isEmpty() ? "" : " (" + String.join(", ", way.source()) + ")"));
    for (Door door : way.doors()) {
      output.line("");
      door(door, output);
    }
    way.notes().forEach(note -> output.note(output.paintNote(Style.CAREFUL, "note: ") + note));
  }

  private static String whom(ServiceWay way) {
    return switch (way.from()) {
      case "pod" -> "a pod";
      case "node" -> "the node itself";
      default -> "outside";
    };
  }

  private static void door(Door door, Output output) {
    Style style =
        switch (door.outcome()) {
          case DELIVERED -> Style.GOOD;
          case REJECTED -> Style.BAD;
          case DROPPED -> Style.BAD;
        };
    String outcome =
        switch (door.outcome()) {
          case DELIVERED -> "goes to an endpoint";
          case REJECTED -> "is refused at once";
          case DROPPED -> "is dropped without a word";
        };
    String at =
        door.address().indexOf(':') < 0
            ? door.address() + ":" + door.number()
            : "[" + door.address() + "]:" + door.number();
    output.line(
        output.paint(Style.STRONG, at + "/" + door.transport())
            + "  "
            + door.port()
            + ", "
            + door.kind()
            + ": "
            + output.paint(style, outcome));
    String before = "";
    for (Step step : door.steps()) {
      step(step, before.equals(step.place()) ? "" : step.place(), output);
      before = step.place();
    }
    answers(door, output);
  }

  private static void step(Step step, String place, Output output) {
    String indent = "  ".repeat(step.depth());
    String head = place;
    for (String rule : step.rule()) {
      // Who says "-A" or "@" names the chain himself.
      boolean named = step.chain().isEmpty() || rule.startsWith("-A") || rule.startsWith("@");
      output.line(
          "  "
              + output.paint(Style.NAME, pad(head))
              + indent
              + (named ? "" : step.chain() + ": ")
              + COMMENT.matcher(rule).replaceAll(""));
      head = "";
    }
    output.line(
        "  "
            + pad("")
            + indent
            + output.paint(
                Style.QUIET,
                "  " + step.why() + (step.origin() == null ? "" : " - " + step.origin())));
  }

  private static void answers(Door door, Output output) {
    List<String> lines = new ArrayList<>();
    for (Answer answer : door.answers()) {
      lines.add(
          output.paint(Style.GOOD, answer.address() + ":" + answer.port())
              + String.format(Locale.ROOT, "  %.0f %%", 100 * answer.share())
              + (answer.here() ? ", on this node" : "")
              + ", sees the "
              + answer.sees()
              + output.paint(Style.QUIET, "  " + answer.origin()));
    }
    labelled("answers", lines, output);
    labelled(
        "not used",
        door.unused().stream()
            .map(each ->
                each.address() + " " + each.why() + output.paint(Style.QUIET, "  " + each.origin()))
            .toList(),
        output);
  }

  private static void labelled(String label, List<String> lines, Output output) {
    String head = label;
    for (String line : lines) {
      output.line("  " + output.paint(Style.NAME, pad(head)) + line);
      head = "";
    }
  }

  private static String pad(String text) {
    return String.format(Locale.ROOT, "%-" + PLACE + "s", text);
  }
}
