package dev.meshctl.model.source;

/** Where something stands: a file (or cluster object) with line and column from 1. */
public record Position(String source, int line, int column) {
  /** {@code cart.yaml:18:15}. */
  @Override
  public String toString() {
    return source + ":" + line + ":" + column;
  }
}
