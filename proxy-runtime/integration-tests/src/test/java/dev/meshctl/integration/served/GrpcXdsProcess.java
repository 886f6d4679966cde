package dev.meshctl.integration.served;

import dev.meshctl.model.testkit.Judges;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** {@link GrpcXdsClient} as a process with the jars of gRPC's interoperability tests alone. */
final class GrpcXdsProcess implements AutoCloseable {
  private final Process process;
  private final Path log;
  private final BufferedReader answers;
  private final Writer orders;

  /** Why calls of the last order failed, in the client's words. */
  private final StringBuilder failures = new StringBuilder();

  /**
   * Starts one, or the test that asks is skipped.
   *
   * @param arguments those of {@link GrpcXdsClient#main}
   */
  GrpcXdsProcess(Path bootstrap, Path log, String... arguments) throws IOException {
    this.log = log;
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-cp",
                // Its jars first, and of ours the client alone: versions must not mix.
                Judges.grpcInteropJava()
                    + "/*:"
                    + Path.of("target", "test-classes").toAbsolutePath(),
                GrpcXdsClient.class.getName()));
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command).redirectError(log.toFile());
    builder.environment().put("GRPC_XDS_BOOTSTRAP", bootstrap.toString());
    process = builder.start();
    answers =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    orders = process.outputWriter(StandardCharsets.UTF_8);
  }

  /** Who answered how many of the next calls; those that failed under their status. */
  Map<String, Integer> seen(int calls) throws IOException {
    orders.write(calls + "\n");
    orders.flush();
    failures.setLength(0);
    String line = answers.readLine();
    while (line != null && !line.startsWith("SEEN ")) {
      failures.append(line).append('\n');
      line = answers.readLine();
    }
    if (line == null) {
      throw new IOException("the client ended: " + Files.readString(log));
    }
    Map<String, Integer> seen = new TreeMap<>();
    for (String pair : line.replaceAll("SEEN |[{} ]", "").split(",", -1)) {
      String[] sides = pair.split("=", -1);
      seen.put(sides[0], Integer.parseInt(sides[1]));
    }
    return seen;
  }

  String failures() {
    return failures.toString();
  }

  @Override
  public void close() throws InterruptedException {
    process.destroy();
    process.waitFor();
  }
}
