package dev.meshctl.integration.node;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Who gets which answers where: {@code CLIENT ADDRESS:PORT/PROTOCOL -> ANSWERS}. */
final class TrafficTable {
  /**
   * A place to ask.
   *
   * @param sticky clients stay with whom they met: only how many they met is told
   */
  record Target(String what, String protocol, String address, int port, boolean sticky) {
    @Override
    public String toString() {
      return what + " " + address + ":" + port + "/" + protocol;
    }
  }

  /** Who asks: a namespace and an address in it. */
  record Client(String name, String space, String address) {}

  static final List<Client> SIX =
      List.of(
          new Client("pod-a", "pod-a", "fd00:244:1:0:0:0:0:2"),
          new Client("pod-c", "pod-c", "fd00:244:1:0:0:0:0:3"),
          new Client("node", NodeNetwork.NODE, "fd00:30:0:0:0:0:0:1"),
          new Client("outside", "outside", "fd00:30:0:0:0:0:0:100"));

  static final List<Client> FOUR =
      List.of(
          new Client("pod-a", "pod-a", "10.244.1.2"),
          new Client("pod-c", "pod-c", "10.244.1.3"),
          new Client("node", NodeNetwork.NODE, "172.30.0.1"),
          new Client("outside", "outside", "172.30.0.100"),
          new Client("friend", "outside", "192.0.2.7"));

  private TrafficTable() {}

  /** Asks everything of everybody. */
  static Map<String, String> ask(NodeNetwork network, List<Client> clients, List<Target> targets) {
    Map<String, String> table = new LinkedHashMap<>();
    for (Client client : clients) {
      StringBuilder questions = new StringBuilder();
      targets.forEach(target ->
          questions
              .append(target.protocol)
              .append(' ')
              .append(client.address)
              .append(' ')
              .append(target.address)
              .append(' ')
              .append(target.port)
              .append('\n'));
      List<String> command = new ArrayList<>(network.java(client.space, NodeProbe.class.getName()));
      command.add("ask");
      List<String> answers = NodeNetwork.finish(command, questions.toString()).lines().toList();
      for (int i = 0; i < targets.size(); i++) {
        table.put(
            client.name + " -> " + targets.get(i), said(answers.get(i), client, targets.get(i)));
      }
    }
    return table;
  }

  /** Whose address the endpoint saw, rather than which: a node has several. */
  private static String said(String answers, Client client, Target target) {
    String told =
        answers
            .replace("(" + client.address + ")", "(client)")
            .replace("(172.30.0.1)", "(node)")
            .replace("(169.254.1.1)", "(node)")
            .replace("(fd00:30:0:0:0:0:0:1)", "(node)");
    boolean answered = told.contains("pod-");
    return target.sticky && answered ? told.split(" ").length + " of them" : told;
  }

  /** Without whose address the endpoint saw. */
  static Map<String, String> withoutSources(Map<String, String> table) {
    Map<String, String> plain = new LinkedHashMap<>();
    table.forEach((who, answers) -> plain.put(who, answers.replaceAll("\\([^)]*\\)", "")));
    return plain;
  }
}
