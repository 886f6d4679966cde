import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The command line, as users have it. */
final class Meshctl {
  static final JsonMapper JSON = JsonMapper.builder().build();

  private final List<String> program;
  private final Map<String, String> environment;

  Meshctl(Path root, Map<String, String> environment) {
    this.program = List.of(root.resolve("meshctl/bin/meshctl").toString());
    this.environment = Map.copyOf(environment);
  }

  /** Another program in the same surroundings. */
  Meshctl(String program, Map<String, String> environment) {
    this.program = List.of(program);
    this.environment = Map.copyOf(environment);
  }

  /** What it printed and how it ended. */
  record Said(int exit, String out) {
    JsonNode json() {
      return JSON.readTree(out);
    }
  }

  /** Runs to the end; what is said about the answer goes where ours goes. */
  Said run(String... words) throws IOException, InterruptedException {
    return said(start(words));
  }

  /** The same, which must go well. */
  Said must(String... words) throws IOException, InterruptedException {
    return well(run(words), words);
  }

  private Said well(Said said, String... words) throws IOException {
    if (said.exit != 0) {
      throw new IOException(
          program.getFirst()
              + " "
              + String.join(" ", words)
              + " ended with "
              + said.exit
              + "\n"
              + said.out);
    }
    return said;
  }

  /** The same, with something to read. */
  Said mustRead(String text, String... words) throws IOException, InterruptedException {
    Process process = begin(words);
    try (Writer in = process.outputWriter()) {
      in.write(text);
    }
    return well(said(process), words);
  }

  private static Said said(Process process) throws IOException, InterruptedException {
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Said(process.waitFor(), out);
  }

  Process start(String... words) throws IOException {
    Process process = begin(words);
    process.getOutputStream().close();
    return process;
  }

  private Process begin(String... words) throws IOException {
    List<String> command = new ArrayList<>(program);
    command.addAll(List.of(words));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().putAll(environment);
    builder.redirectError(ProcessBuilder.Redirect.INHERIT);
    return builder.start();
  }
}
