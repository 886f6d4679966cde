package dev.meshctl.capture.node.explain;

import dev.meshctl.capture.node.Origin;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The way of packets to a Service.
 *
 * @param service {@code NAMESPACE/NAME}
 * @param from {@code pod}, {@code node} or {@code outside}
 * @param source address of the client, one of a version of IP
 * @param notes what a reader should know besides
 */
public record ServiceWay(
    String service,
    String node,
    NodeMode mode,
    String from,
    List<String> source,
    List<Door> doors,
    List<String> notes) {
  public ServiceWay {
    source = List.copyOf(source);
    doors = List.copyOf(doors);
    notes = List.copyOf(notes);
  }

  /**
   * One address and port at which the Service is.
   *
   * @param kind of address, in words
   * @param outcome what becomes of the client
   * @param steps in order
   * @param answers who may answer; empty where nobody does
   * @param unused endpoints that this node does not use
   */
  public record Door(
      String port,
      String kind,
      String address,
      int number,
      String transport,
      Outcome outcome,
      List<Step> steps,
      List<Answer> answers,
      List<Unused> unused) {
    public Door {
      steps = List.copyOf(steps);
      answers = List.copyOf(answers);
      unused = List.copyOf(unused);
    }
  }

  public enum Outcome {
    DELIVERED,
    REJECTED,
    DROPPED
  }

  /**
   * A rule that decides something.
   *
   * @param place where: a hook of the kernel, {@code ipvs}, {@code proxy}
   * @param chain there, may be empty
   * @param depth behind how many decisions by dice
   * @param rule in the words of the tool, a line or several
   * @param why in people's words
   * @param origin the field that made it; null where every node has the rule
   */
  public record Step(
      String place,
      String chain,
      int depth,
      List<String> rule,
      String why,
      @Nullable Origin origin) {
    public Step {
      rule = List.copyOf(rule);
    }
  }

  /**
   * An endpoint that may answer.
   *
   * @param share of new clients, from 0 to 1
   * @param here on this node
   * @param sees {@code client} or {@code node}: whose address it sees
   */
  public record Answer(
      String address, int port, double share, boolean here, String sees, Origin origin) {}

  /** An endpoint that is not used, and why. */
  public record Unused(String address, String why, Origin origin) {}
}
