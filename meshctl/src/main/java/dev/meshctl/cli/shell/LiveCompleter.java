package dev.meshctl.cli.shell;

import dev.meshctl.cli.Session;
import dev.meshctl.model.query.GraphView;
import dev.meshctl.model.query.MeshClient;
import dev.meshctl.model.query.MeshQueryException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jline.reader.Candidate;
import org.jline.reader.Completer;
import org.jline.reader.LineReader;
import org.jline.reader.ParsedLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.shell.jline3.PicocliJLineCompleter;

/**
 * Completes commands and options from their declarations, and names of proxies and hosts from the
 * running mesh; where none answers there are none.
 */
final class LiveCompleter implements Completer {
  private final PicocliJLineCompleter declared;
  private final Session session;

  LiveCompleter(CommandSpec root, Session session) {
    this.declared = new PicocliJLineCompleter(root);
    this.session = session;
  }

  @Override
  public void complete(LineReader reader, ParsedLine line, List<Candidate> candidates) {
    List<String> words = line.words();
    if (line.wordIndex() == 2) {
      List<String> command = words.subList(0, 2);
      if (command.equals(List.of("proxy", "config"))) {
        names(this::proxies, candidates);
        return;
      }
      if (command.equals(List.of("split", "get")) || command.equals(List.of("split", "set"))) {
        names(this::hosts, candidates);
        return;
      }
    }
    declared.complete(reader, line, candidates);
  }

  private interface Names {
    List<String> in(MeshClient client);
  }

  private void names(Names names, List<Candidate> candidates) {
    try (MeshClient client = session.client(Optional.empty())) {
      names.in(client).forEach(name -> candidates.add(new Candidate(name)));
    } catch (MeshQueryException noMesh) {
      // Nothing to complete with; the command itself will say why.
    }
  }

  private List<String> proxies(MeshClient client) {
    return client.proxies().stream().map(p -> p.instance() + "." + p.namespace()).toList();
  }

  private List<String> hosts(MeshClient client) {
    return client.graph(Duration.ofSeconds(1)).nodes().stream()
        .filter(node -> node.kind() == GraphView.NodeKind.SERVICE)
        .map(node -> node.name() + "." + node.namespace())
        .sorted()
        .toList();
  }
}
