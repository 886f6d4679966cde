package dev.meshctl.console.window;

import dev.meshctl.console.traffic.SplitDesk;
import dev.meshctl.model.resource.ResourceId;
import dev.meshctl.model.source.Position;
import dev.meshctl.model.source.SourceFile;
import dev.meshctl.model.traffic.HostSplit;
import dev.meshctl.model.traffic.SplitEdit;
import dev.meshctl.model.traffic.SplitEditor;
import dev.meshctl.model.traffic.SplitRequest;
import dev.meshctl.model.validation.Diagnostic;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;

/** One split, v1 and v3 of reviews, in a file that stays in memory. */
public final class FakeDesk implements SplitDesk {
  private volatile String text = text(90, 10);
  public final List<SplitEdit> written = new CopyOnWriteArrayList<>();
  public volatile List<Diagnostic> refusal = List.of();

  private static String text(int one, int three) {
    return "spec:\n  http:\n    - route:\n        - subset: v1\n          weight: "
        + one
        + "\n        - subset: v3   # red stars\n          weight: "
        + three
        + "\n";
  }

  public String text() {
    return text;
  }

  @Override
  public SplitEditor.Found find(SplitRequest request) {
    return request.host().equals("reviews.bookshop")
        ? new SplitEditor.Found.Governed(split(weight(0), weight(1)))
        : new SplitEditor.Found.Refused(List.of(problem("no route governs " + request.host())));
  }

  private int weight(int index) {
    return text.lines()
        .filter(line -> line.contains("weight:"))
        .skip(index)
        .map(line -> Integer.parseInt(line.substring(line.indexOf(':') + 1).strip()))
        .findFirst()
        .orElseThrow();
  }

  @Override
  public SplitEditor.Edited edit(SplitRequest request) {
    if (!refusal.isEmpty()) {
      return new SplitEditor.Edited.Refused(refusal);
    }
    Map<String, Integer> weights = request.weights();
    int one = weights.getOrDefault("v1", 0);
    int three = weights.getOrDefault("v3", 0);
    String fresh = text(one, three);
    return new SplitEditor.Edited.Prepared(
        new SplitEdit(
            new SourceFile("traffic.yaml", Path.of("traffic.yaml"), text, ""),
            fresh,
            diff(text, fresh),
            split(weight(0), weight(1)),
            split(one, three)));
  }

  private static String diff(String old, String fresh) {
    if (old.equals(fresh)) {
      return "";
    }
    List<String> before = old.lines().toList();
    List<String> after = fresh.lines().toList();
    List<String> lines = new ArrayList<>();
    lines.add("--- a/traffic.yaml");
    lines.add("+++ b/traffic.yaml");
    lines.add("@@ -12,6 +12,6 @@");
    for (int i = 3; i < before.size(); i++) {
      if (before.get(i).equals(after.get(i))) {
        lines.add(" " + before.get(i));
      } else {
        lines.add("-" + before.get(i));
        lines.add("+" + after.get(i));
      }
    }
    return String.join("\n", lines) + "\n";
  }

  @Override
  public List<Diagnostic> write(SplitEdit edit) {
    if (!edit.file().text().equals(text)) {
      return List.of(problem("traffic.yaml has changed since it was read"));
    }
    text = edit.newText();
    written.add(edit);
    return List.of();
  }

  public static Diagnostic problem(String what) {
    return new Diagnostic(
        "MESH0999",
        Diagnostic.Severity.ERROR,
        "VirtualService bookshop/reviews",
        new Position("traffic.yaml", 18, 19),
        "",
        what,
        "look at the file");
  }

  private static HostSplit split(int one, int three) {
    double sum = one + three;
    return new HostSplit(
        "reviews.bookshop.svc.cluster.local",
        new ResourceId("VirtualService", "bookshop", "reviews"),
        new Position("traffic.yaml", 7, 1),
        List.of(
            new HostSplit.Rule(
                "versions",
                "",
                List.of(
                    new HostSplit.Share("v1", "reviews", one, one / sum),
                    new HostSplit.Share("v3", "reviews", three, three / sum)))));
  }
}
