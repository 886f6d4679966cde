package dev.meshctl.integration.judges;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshctl.model.testkit.Judges;
import dev.meshctl.model.testkit.TestIdentity;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * gRPC's interoperability cases, its Go and its Java programs: directly, through one proxy, through
 * two with mTLS between them; ours and Envoy's.
 */
class GrpcInteropIT {
  private static final List<String> COMMON =
      List.of(
          "empty_unary",
          "large_unary",
          "client_streaming",
          "server_streaming",
          "ping_pong",
          "empty_stream",
          "timeout_on_sleeping_server",
          "cancel_after_begin",
          "cancel_after_first_response",
          "status_code_and_message",
          "special_status_message",
          "custom_metadata",
          "unimplemented_method",
          "unimplemented_service",
          "pick_first_unary");
  private static final List<String> ONLY_GO = List.of("orca_per_rpc", "orca_oob");
  private static final List<String> ONLY_JAVA =
      List.of(
          "cacheable_unary",
          "client_compressed_unary",
          "client_compressed_unary_noprobe",
          "server_compressed_unary",
          "client_compressed_streaming",
          "client_compressed_streaming_noprobe",
          "server_compressed_streaming",
          "very_large_request",
          "rpc_soak",
          "channel_soak");

  @TempDir Path folder = Path.of("");

  /** Ways to the server, in the order in which they are gone, and what failed on each. */
  private record Score(int cases, Map<String, Set<String>> failed) {
    void keep(String name) throws IOException {
      StringBuilder text = new StringBuilder(cases + " cases; failing:\n");
      failed.forEach((route, names) -> text.append(route).append(' ').append(names).append('\n'));
      Files.writeString(JudgeRun.kept(name), text.toString());
    }

    Set<String> on(String route) {
      return failed.getOrDefault(route, Set.of());
    }
  }

  @Test
  void go_cases_that_pass_directly_pass_through_one_and_two_proxies() throws Exception {
    Path programs = Judges.grpcInterop();
    int port = ProxyProcess.freePort();
    Score score;
    try (ProxyProcess server =
            ProxyProcess.start(
                folder.resolve("server.log"),
                port,
                List.of(programs.resolve("server").toString(), "--port=" + port));
        Routes routes = Routes.to(server.port(), folder)) {
      List<String> cases = new ArrayList<>(COMMON);
      cases.addAll(ONLY_GO);
      Map<String, Set<String>> failed = new LinkedHashMap<>();
      routes.ports().keySet().forEach(route -> failed.put(route, new TreeSet<>()));
      JudgeRun.together(
          routes.ports().entrySet(),
          route -> {
            for (String each : cases) {
              JudgeRun run =
                  JudgeRun.of(
                      "grpc-go-last-" + route.getKey(),
                      List.of(
                          programs.resolve("client").toString(),
                          "--server_host=127.0.0.1",
                          "--server_port=" + route.getValue(),
                          "--test_case=" + each));
              if (run.exit() != 0) {
                // Each way has a set of its own.
                Objects.requireNonNull(failed.get(route.getKey())).add(each);
                Files.writeString(
                    JudgeRun.kept("grpc-go-" + route.getKey() + "-" + each), run.output());
              }
            }
          });
      score = new Score(cases.size(), failed);
    }
    score.keep("grpc-interop-go");

    assertThat(score.on("meshctl")).isSubsetOf(score.on("direct"));
    assertThat(score.on("meshctl-pair")).isSubsetOf(score.on("direct"));
  }

  @Test
  void java_cases_that_pass_directly_pass_through_one_and_two_proxies() throws Exception {
    Path jars = Judges.grpcInteropJava();
    int port = ProxyProcess.freePort();
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    List<String> cases = new ArrayList<>(COMMON);
    cases.addAll(ONLY_JAVA);
    Map<String, Set<String>> failed = new LinkedHashMap<>();
    JudgeRun run;
    try (ProxyProcess server =
            ProxyProcess.start(
                folder.resolve("server.log"),
                port,
                List.of(
                    java,
                    "-cp",
                    jars + "/*",
                    "io.grpc.testing.integration.TestServiceServer",
                    "--port=" + port,
                    "--use_tls=false"));
        Routes routes = Routes.to(server.port(), folder)) {
      List<String> command = new ArrayList<>();
      command.addAll(
          List.of(
              java,
              "-cp",
              // Only this class of ours, so that its Netty and its gRPC are the judge's own.
              jars + "/*" + File.pathSeparator + classes(),
              GrpcInteropJava.class.getName(),
              String.join(",", cases)));
      routes.ports().forEach((route, at) -> command.add(route + "=" + at));
      run = JudgeRun.of("grpc-java", command);
      routes.ports().keySet().forEach(route -> failed.put(route, new TreeSet<>()));
    }
    List<String> outcomes =
        run.output().lines().filter(line -> line.matches("(PASSED|FAILED) .*")).toList();
    outcomes.stream()
        .map(line -> line.split(" ", 4))
        .filter(words -> words[0].equals("FAILED"))
        .forEach(words -> failed.computeIfAbsent(words[1], k -> new TreeSet<>()).add(words[2]));
    Score score = new Score(cases.size(), failed);
    score.keep("grpc-interop-java");

    assertThat(run.exit()).isZero();
    assertThat(outcomes).hasSize(cases.size() * failed.size());
    assertThat(score.on("meshctl")).isSubsetOf(score.on("direct"));
    assertThat(score.on("meshctl-pair")).isSubsetOf(score.on("direct"));
  }

  private static String classes() {
    try {
      return Path.of(
              GrpcInteropJava.class.getProtectionDomain().getCodeSource().getLocation().toURI())
          .toString();
    } catch (java.net.URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  /** One proxy and a pair of them, twice. */
  private record Routes(Map<String, Integer> ports, List<ProxyProcess> processes)
      implements AutoCloseable {
    static Routes to(int server, Path folder) throws Exception {
      TestIdentity.create(folder).write(folder);
      Map<String, Integer> ports = new LinkedHashMap<>();
      List<ProxyProcess> all = new ArrayList<>();
      Routes routes = new Routes(ports, all);
      try {
        ports.put("direct", server);
        String one = Bootstraps.before(server, Bootstraps.Http.HTTP2);
        String inner = Bootstraps.inner(server, folder);
        all.add(ProxyProcess.ours(folder, "one", one));
        ports.put("meshctl", all.getLast().port());
        all.add(ProxyProcess.ours(folder, "inner", inner));
        all.add(ProxyProcess.ours(folder, "outer", Bootstraps.outer(all.getLast().port(), folder)));
        ports.put("meshctl-pair", all.getLast().port());
        all.add(ProxyProcess.envoy(folder, "one", one));
        ports.put("envoy", all.getLast().port());
        all.add(ProxyProcess.envoy(folder, "inner", inner));
        all.add(
            ProxyProcess.envoy(folder, "outer", Bootstraps.outer(all.getLast().port(), folder)));
        ports.put("envoy-pair", all.getLast().port());
        return routes;
      } catch (Exception | Error e) {
        routes.close();
        throw e;
      }
    }

    @Override
    public void close() {
      processes.reversed().forEach(ProxyProcess::close);
    }
  }
}
