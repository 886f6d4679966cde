package dev.meshctl.capture.node.rules;

import dev.meshctl.capture.node.Origin;
import dev.meshctl.model.resource.Transport;
import java.util.List;

/** What follows where a rule's tests hold. */
public sealed interface Verdict {
  /** On in another chain, and back after it. */
  record Jump(String chain) implements Verdict {}

  /** On in another chain. */
  record Goto(String chain) implements Verdict {}

  /** Back to where the chain was jumped from. */
  record Return() implements Verdict {}

  record Accept() implements Verdict {}

  /** Nobody hears of the packet. */
  record Drop() implements Verdict {}

  /** The sender is told at once. */
  record Reject() implements Verdict {}

  /** Asks for masquerading, later; then the next rule. */
  record Mark() implements Verdict {}

  /** Takes that back, so that a packet that comes by again is not masqueraded twice. */
  record ClearMark() implements Verdict {}

  /** The source becomes the node's address. */
  record Masquerade() implements Verdict {}

  /** The destination becomes this. */
  record Deliver(Transport transport, String address, int port) implements Verdict {}

  /** The destination becomes a port of the node itself. */
  record Redirect(Transport transport, int port) implements Verdict {}

  /** Notes the source under a name, for so many seconds; then the next rule. */
  record Remember(String name, int seconds) implements Verdict {}

  /** On in one of these chains, each as likely as the others. */
  record Spread(List<String> chains) implements Verdict {
    public Spread {
      chains = List.copyOf(chains);
    }
  }

  /** By destination: the case that fits, else the next rule. No two have the same key. */
  record Dispatch(String name, boolean byAddress, List<Case> cases) implements Verdict {
    public Dispatch {
      cases = List.copyOf(cases);
    }
  }

  /**
   * One key of a {@link Dispatch}.
   *
   * @param address empty where only ports are told apart
   * @param verdict {@link Goto}, {@link Drop} or {@link Reject}
   */
  record Case(
      String address, Transport transport, int port, Verdict verdict, String why, Origin origin) {}
}
