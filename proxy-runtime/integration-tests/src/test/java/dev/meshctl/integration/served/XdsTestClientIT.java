package dev.meshctl.integration.served;

import static dev.meshctl.integration.served.ProxylessMesh.assertShareOfFirst;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnknownFieldSet;
import dev.meshctl.model.query.ProxyView;
import dev.meshctl.model.testkit.Judges;
import io.grpc.CallOptions;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import java.io.ByteArrayInputStream;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The clients by which gRPC tests its xDS against foreign control planes, in Java and in Go: each a
 * process that calls all the time and says by {@code grpc.testing.LoadBalancerStatsService} who
 * answered.
 */
class XdsTestClientIT {
  private static final Duration SOON = Duration.ofSeconds(60);
  private static final int CALLS = 400;
  private static final int CALLS_PER_SECOND = 200;
  private static final MethodDescriptor<UnknownFieldSet, UnknownFieldSet> STATS =
      MethodDescriptor.<UnknownFieldSet, UnknownFieldSet>newBuilder()
          .setType(MethodDescriptor.MethodType.UNARY)
          .setFullMethodName("grpc.testing.LoadBalancerStatsService/GetClientStats")
          .setRequestMarshaller(new Fields())
          .setResponseMarshaller(new Fields())
          .build();

  @TempDir static Path folder;

  /** Who wrote it. */
  enum Client {
    JAVA {
      @Override
      List<String> command() {
        return List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:+UseSerialGC",
            "-cp",
            Judges.grpcInteropJava() + "/*",
            "io.grpc.testing.integration.XdsTestClient");
      }
    },
    GO {
      @Override
      List<String> command() {
        return List.of(Judges.grpcXdsInteropGo().toString());
      }
    };

    /** The program, or the test that asks is skipped. */
    abstract List<String> command();
  }

  /** A message of which the numbers of its fields are known. */
  private static final class Fields implements MethodDescriptor.Marshaller<UnknownFieldSet> {
    @Override
    public InputStream stream(UnknownFieldSet value) {
      return new ByteArrayInputStream(value.toByteArray());
    }

    @Override
    public UnknownFieldSet parse(InputStream stream) {
      try {
        return UnknownFieldSet.parseFrom(stream);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  /** A program that is told its port: one that was free a moment ago. */
  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
      return socket.getLocalPort();
    }
  }

  /**
   * @param seen who answered how many of {@value #CALLS} calls
   * @param failures calls that failed or took too long
   */
  private record Stats(Map<String, Integer> seen, long failures) {
    /** Waits for the next calls of the client. */
    static Stats of(ManagedChannel channel) throws InvalidProtocolBufferException {
      UnknownFieldSet answer =
          ClientCalls.blockingUnaryCall(
              channel,
              STATS,
              CallOptions.DEFAULT.withDeadlineAfter(SOON.toSeconds(), TimeUnit.SECONDS),
              // LoadBalancerStatsRequest: num_rpcs, timeout_sec.
              UnknownFieldSet.newBuilder()
                  .mergeVarintField(1, CALLS)
                  .mergeVarintField(2, (int) SOON.toSeconds() / 2)
                  .build());
      // LoadBalancerStatsResponse: rpcs_by_peer, num_failures.
      Map<String, Integer> seen = new TreeMap<>();
      for (ByteString entry : answer.getField(1).getLengthDelimitedList()) {
        UnknownFieldSet pair = UnknownFieldSet.parseFrom(entry);
        seen.put(
            pair.getField(1).getLengthDelimitedList().getFirst().toStringUtf8(),
            pair.getField(2).getVarintList().getFirst().intValue());
      }
      long failures = answer.getField(2).getVarintList().stream().mapToLong(Long::longValue).sum();
      return new Stats(seen, failures);
    }
  }

  @ParameterizedTest
  @EnumSource(Client.class)
  void it_balances_as_configured_and_follows_changes_without_a_failed_call(Client client)
      throws Exception {
    List<String> program = client.command();
    int statsPort = freePort();
    try (ProxylessMesh mesh = new ProxylessMesh()) {
      ProcessBuilder command =
          new ProcessBuilder(new ArrayList<>(program))
              .redirectErrorStream(true)
              .redirectOutput(log(client));
      command
          .command()
          .addAll(
              List.of(
                  "--server=" + ProxylessMesh.TARGET,
                  "--stats_port=" + statsPort,
                  "--qps=" + CALLS_PER_SECOND / 2,
                  "--rpc=EmptyCall,UnaryCall"));
      Path bootstrap = mesh.bootstrap(folder, client.name());
      command.environment().put("GRPC_XDS_BOOTSTRAP", bootstrap.toString());
      mesh.publish(80, 3);
      Process process = command.start();
      ManagedChannel channel =
          Grpc.newChannelBuilder("127.0.0.1:" + statsPort, InsecureChannelCredentials.create())
              .build();
      try {
        judge(client, mesh, channel);
      } finally {
        channel.shutdownNow();
        process.destroy();
        process.waitFor();
      }
    }
  }

  private static File log(Client client) {
    return folder.resolve(client + ".log").toFile();
  }

  private static void judge(Client client, ProxylessMesh mesh, ManagedChannel channel)
      throws Exception {
    // Connections to some of the endpoints may be made before those to others.
    Stats first =
        await()
            .atMost(SOON)
            .ignoreExceptionsInstanceOf(StatusRuntimeException.class)
            .until(
                () -> Stats.of(channel),
                stats ->
                    stats.failures == 0
                        && stats.seen.keySet().equals(Set.of("v1-a", "v1-b", "v2-a")));
    assertShareOfFirst(0.8, first.seen);
    assertThat(mesh.view(client.name()).types())
        .isNotEmpty()
        .allSatisfy(type -> assertThat(type.error()).isEmpty());

    mesh.publish(30, 3);
    await().atMost(SOON).untilAsserted(() -> assertShareOfFirst(0.3, withoutFailure(channel)));

    mesh.publish(30, 2);
    await()
        .atMost(SOON)
        .untilAsserted(
            () -> assertThat(withoutFailure(channel).keySet()).containsExactly("v1-a", "v2-a"));
    assertThat(mesh.view(client.name()).state()).isNotEqualTo(ProxyView.State.REJECTED);
  }

  private static Map<String, Integer> withoutFailure(ManagedChannel channel) throws IOException {
    Stats stats = Stats.of(channel);
    if (stats.failures > 0) {
      throw new IllegalStateException(stats.failures + " calls failed; the others " + stats.seen);
    }
    return stats.seen;
  }
}
