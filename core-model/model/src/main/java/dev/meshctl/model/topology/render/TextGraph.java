package dev.meshctl.model.topology.render;

import dev.meshctl.model.query.GraphView;
import dev.meshctl.model.query.GraphView.Edge;
import dev.meshctl.model.query.GraphView.Node;
import dev.meshctl.model.query.GraphView.NodeKind;
import dev.meshctl.model.query.GraphView.Signals;
import dev.meshctl.model.topology.render.TextLine.Tint;
import java.util.ArrayList;
import java.util.List;

/**
 * For reading in a terminal: gateways first, then each application with its services, what share
 * each version is meant to get and gets, and whom it calls.
 *
 * @param columns of the terminal, at least 60; narrower ones are taken as 60
 * @param color with ANSI colours
 */
public record TextGraph(int columns, boolean color) implements GraphRenderer {
  private static final int LEAST_COLUMNS = 60;
  private static final int CELL = 9;
  private static final int SHARE = 15;
  private static final int LONGEST_NAME = 24;

  @Override
  public String render(GraphView view) {
    return new Page(view, Math.max(LEAST_COLUMNS, columns), color).write();
  }

  /** One text under way. */
  private static final class Page {
    private final GraphView view;
    private final int columns;
    private final boolean color;
    private final Names names;
    private final boolean wide;
    private final int figures;
    private final int protocols;
    private final StringBuilder out = new StringBuilder(2048);

    Page(GraphView view, int columns, boolean color) {
      this.view = view;
      this.columns = columns;
      this.color = color;
      this.names = new Names(view);
      this.wide = columns >= 100;
      this.figures = columns - CELL * (wide ? 5 : 4);
      this.protocols = 5 + longestName();
    }

    private int longestName() {
      int longest =
          view.edges().stream()
              .filter(edge -> !edge.source().startsWith("service:"))
              .mapToInt(edge -> names.of(edge.destination()).length())
              .max()
              .orElse(0);
      return Math.min(longest, LONGEST_NAME);
    }

    String write() {
      heading();
      for (Node node : view.nodes()) {
        if (node.kind() == NodeKind.GATEWAY || node.kind() == NodeKind.UNKNOWN) {
          gateway(node);
        }
      }
      for (List<Node> app : Applications.of(view).values()) {
        application(app);
      }
      for (Node node : view.nodes()) {
        if (node.kind() == NodeKind.EXTERNAL) {
          line().add(Tint.BOLD, names.of(node)).add(Tint.DIM, "  outside of the mesh").endTo(out);
        }
      }
      if (view.edges().stream().anyMatch(edge -> edge.weightPercent() >= 0)) {
        out.append('\n');
        line()
            .add(Tint.DIM, "split: █ measured, ┃ desired, share measured of share desired")
            .endTo(out);
      }
      return out.toString();
    }

    private TextLine line() {
      return new TextLine(columns, color);
    }

    private void heading() {
      TextLine line = line().add(Tint.DIM, "last " + view.windowMillis() / 1000 + " s");
      int end = figures + CELL;
      line.right(Tint.DIM, "RATE", end).right(Tint.DIM, "ERRORS", end + CELL);
      line.right(Tint.DIM, "P50", end + 2 * CELL);
      if (wide) {
        line.right(Tint.DIM, "P90", end + 3 * CELL);
      }
      line.right(Tint.DIM, "P99", columns).endTo(out);
    }

    private void gateway(Node node) {
      out.append('\n');
      String what = node.kind() == NodeKind.GATEWAY ? "  gateway" : "  callers without identity";
      TextLine line = line().add(Tint.HEADING, "▶ " + names.of(node)).add(Tint.DIM, what);
      signals(line, node.received());
      calls(node.id(), "");
    }

    private void application(List<Node> app) {
      out.append('\n');
      List<Node> workloads = new ArrayList<>();
      for (Node node : app) {
        if (node.kind() == NodeKind.SERVICE) {
          service(node);
        } else {
          workloads.add(node);
        }
      }
      for (Node workload : workloads) {
        if (view.edges().stream().noneMatch(edge -> edge.destination().equals(workload.id()))) {
          orphan(workload);
        }
      }
      for (Node workload : workloads) {
        calls(workload.id(), workloads.size() == 1 ? "" : names.version(workload.id()));
      }
    }

    private void service(Node node) {
      List<Edge> parts = from(node.id());
      TextLine line = line().add(Tint.HEADING, names.of(node), figures);
      if (parts.size() == 1 && isPlainVersion(parts.getFirst())) {
        Node only = node(parts.getFirst().destination());
        line.add(Tint.DIM, "  " + only.version() + " ", figures);
        replicas(line, only);
        signals(line, node.received());
        return;
      }
      signals(line, node.received());
      parts.forEach(this::part);
      if (parts.isEmpty()) {
        line().add(Tint.RED, "  nothing serves it").endTo(out);
      }
    }

    /** All of the service's traffic goes to one workload, without a split. */
    private boolean isPlainVersion(Edge part) {
      return part.weightPercent() < 0
          && part.expected()
          && node(part.destination()).kind() == NodeKind.WORKLOAD;
    }

    /** A part of a service's split: a version, or another service that stands in. */
    private void part(Edge edge) {
      Node to = node(edge.destination());
      boolean version = to.kind() == NodeKind.WORKLOAD;
      TextLine line = line().add(Tint.PLAIN, "  " + (version ? "" : "⇒ "));
      String name = version ? names.version(edge.destination()) : names.of(to);
      line.add(edge.observed() ? Tint.PLAIN : Tint.DIM, name, figures - 1).add(Tint.PLAIN, " ");
      if (version) {
        replicas(line, to);
      }
      if (edge.weightPercent() >= 0) {
        split(line, edge);
      }
      signals(line, edge);
    }

    private void replicas(TextLine line, Node node) {
      int missing = node.replicas() - node.ready();
      if (node.replicas() > 4) {
        line.add(missing > 0 ? Tint.RED : Tint.GREEN, node.ready() + "/" + node.replicas());
        return;
      }
      line.add(Tint.GREEN, "●".repeat(node.ready()));
      line.add(Tint.RED, "○".repeat(Math.max(0, missing)));
    }

    private void split(TextLine line, Edge edge) {
      String words = EdgeWords.measuredOfDesired(edge);
      int widest = wide ? 24 : 12;
      line.add(Tint.PLAIN, " ");
      if (line.room(figures) >= SHARE + widest) {
        line.to(figures - SHARE - widest);
        bar(line, edge, widest);
      }
      line.to(figures - SHARE).add(Tint.PLAIN, " " + words, figures);
    }

    private void bar(TextLine line, Edge edge, int width) {
      int filled = (int) Math.round(Math.max(0, edge.observedPercent()) / 100 * width);
      int mark = Math.min(width - 1, (int) Math.round(edge.weightPercent() / 100 * width));
      line.add(Tint.CYAN, "█".repeat(Math.min(filled, mark)));
      line.add(Tint.DIM, "░".repeat(Math.max(0, mark - filled)));
      line.add(Tint.BOLD, "┃");
      line.add(Tint.CYAN, "█".repeat(Math.max(0, filled - mark - 1)));
      line.add(Tint.DIM, "░".repeat(width - Math.max(filled, mark + 1)));
    }

    private void orphan(Node workload) {
      TextLine line = line().add(Tint.DIM, "  " + names.of(workload) + " ");
      replicas(line, workload);
      line.add(Tint.DIM, " no service leads here").endTo(out);
    }

    private void calls(String source, String version) {
      for (Edge edge : from(source)) {
        TextLine line = line().add(Tint.PLAIN, "  " + (version.isEmpty() ? "" : version + " "));
        line.add(
            edge.observed() ? Tint.PLAIN : Tint.DIM,
            "→ " + names.of(edge.destination()) + " ",
            figures - 1);
        line.to(protocols).add(Tint.DIM, edge.protocol() + " ", figures).to(protocols + 6);
        if (edge.observed()) {
          boolean locked = edge.mtls() >= 1;
          String lock = locked ? "mTLS" : edge.mtls() > 0 ? "partly mTLS" : "plaintext";
          line.add(locked ? Tint.GREEN : Tint.YELLOW, lock, figures);
          line.add(
              edge.expected() ? Tint.PLAIN : Tint.YELLOW,
              edge.expected() ? "" : " not configured",
              figures);
        }
        if (edge.weightPercent() >= 0) {
          split(line, edge);
        }
        signals(line, edge);
      }
    }

    private void signals(TextLine line, Edge edge) {
      signals(
          line,
          new Signals(
              edge.requests(),
              edge.errors(),
              edge.requestsPerSecond(),
              edge.p50Ms(),
              edge.p90Ms(),
              edge.p99Ms(),
              edge.mtls()));
    }

    private void signals(TextLine line, Signals signals) {
      int end = figures + CELL;
      if (signals.requests() == 0) {
        line.right(Tint.DIM, "–", end).endTo(out);
        return;
      }
      double failed = 100.0 * signals.errors() / signals.requests();
      line.right(Tint.PLAIN, Figures.rate(signals.requestsPerSecond()), end);
      line.right(failed > 0 ? Tint.RED : Tint.DIM, Figures.percent(failed), end + CELL);
      line.right(Tint.PLAIN, Figures.latency(signals.p50Ms()), end + 2 * CELL);
      if (wide) {
        line.right(Tint.PLAIN, Figures.latency(signals.p90Ms()), end + 3 * CELL);
      }
      line.right(Tint.PLAIN, Figures.latency(signals.p99Ms()), columns).endTo(out);
    }

    private List<Edge> from(String source) {
      return view.edges().stream().filter(edge -> edge.source().equals(source)).toList();
    }

    private Node node(String id) {
      return view.nodes().stream()
          .filter(node -> node.id().equals(id))
          .findFirst()
          .orElse(new Node(id, NodeKind.UNKNOWN, "", id, id, "", 0, 0, Signals.NONE));
    }
  }
}
