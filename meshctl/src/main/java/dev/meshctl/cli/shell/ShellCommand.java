package dev.meshctl.cli.shell;

import dev.meshctl.cli.Action;
import dev.meshctl.cli.ExitCode;
import dev.meshctl.cli.Meshctl;
import dev.meshctl.cli.Session;
import dev.meshctl.cli.render.Style;
import dev.meshctl.model.query.RunningMesh;
import java.io.IOException;
import java.util.List;
import org.jline.reader.EndOfFileException;
import org.jline.reader.LineReader;
import org.jline.reader.LineReaderBuilder;
import org.jline.reader.SyntaxError;
import org.jline.reader.UserInterruptException;
import org.jline.terminal.Terminal;
import org.jline.terminal.TerminalBuilder;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** {@code meshctl shell}. */
@Command(
    name = "shell",
    description = "Type commands one after the other, with history and completion (Ctrl-D ends).")
public final class ShellCommand implements Action {
  @Override
  public ExitCode run(Session session) throws IOException {
    CommandLine root = Meshctl.commandLine(session);
    try (Terminal terminal =
        TerminalBuilder.builder().system(true).dumb(true).name("meshctl").build()) {
      LineReader reader =
          LineReaderBuilder.builder()
              .terminal(terminal)
              .appName("meshctl")
              .completer(new LiveCompleter(root.getCommandSpec(), session))
              .variable(LineReader.HISTORY_FILE, session.meshes().stateFolder().resolve("history"))
              .option(LineReader.Option.DISABLE_EVENT_EXPANSION, true)
              .build();
      Thread commands = Thread.currentThread();
      terminal.handle(Terminal.Signal.INT, signal -> commands.interrupt());
      return loop(reader, root, session);
    }
  }

  private static ExitCode loop(LineReader reader, CommandLine root, Session session) {
    while (true) {
      try {
        String line = reader.readLine(prompt(session));
        List<String> words =
            reader.getParser().parse(line, line.length()).words().stream()
                .filter(word -> !word.isEmpty())
                .toList();
        if (words.isEmpty()) {
          continue;
        }
        if (words.equals(List.of("exit")) || words.equals(List.of("quit"))) {
          return ExitCode.OK;
        }
        root.execute(words.toArray(String[]::new));
        // A command that Ctrl-C ended may leave the mark behind.
        Thread.interrupted();
      } catch (UserInterruptException cleared) {
        // Ctrl-C at the prompt gives up the line.
      } catch (SyntaxError unfinished) {
        session.output().note("meshctl: " + unfinished.getMessage());
      } catch (EndOfFileException end) {
        return ExitCode.OK;
      }
    }
  }

  private static String prompt(Session session) {
    List<RunningMesh> running = session.meshes().running();
    String mesh = running.size() == 1 ? " " + running.getFirst().name() : "";
    return session.output().paint(Style.STRONG, "meshctl" + mesh) + "> ";
  }
}
