package dev.meshctl.console.topology;

/** What the user looks at. */
public sealed interface Selection {
  record Nothing() implements Selection {}

  record OfNode(String id) implements Selection {}

  /** An edge by its ends and whether it carries connections ({@code tcp}) or requests. */
  record OfEdge(String source, String destination, boolean connections) implements Selection {}
}
