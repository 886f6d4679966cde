package dev.meshctl.capture.node.rules;

import dev.meshctl.model.resource.IpBlock;
import dev.meshctl.model.resource.Transport;
import java.util.List;
import java.util.SortedSet;

/** What a rule asks of a packet. */
public sealed interface Test {
  /** Its destination is the node itself, and not by a loopback address. */
  record ToNode() implements Test {}

  /** Its destination is one of these. */
  record ToAny(SortedSet<String> addresses) implements Test {
    public ToAny {
      addresses = java.util.Collections.unmodifiableSortedSet(new java.util.TreeSet<>(addresses));
    }
  }

  /** Its source is of one of these ranges. */
  record From(List<IpBlock> ranges) implements Test {
    public From {
      ranges = List.copyOf(ranges);
    }
  }

  /** Its source is the node itself. */
  record FromNode() implements Test {}

  /** It goes to this port. */
  record On(Transport transport, int port) implements Test {}

  /** It bears the mark that asks for masquerading. */
  record Marked() implements Test {}

  /** It does not. */
  record NotMarked() implements Test {}

  /** Its connection is known, or belongs to one. */
  record Established() implements Test {}

  /** No connection can be made out for it. */
  record Invalid() implements Test {}

  /** Its source was noted under this name, at most so many seconds ago. */
  record Remembered(String name, int seconds) implements Test {}
}
