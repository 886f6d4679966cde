package dev.meshctl.model.wire;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Any;
import com.google.protobuf.Message;
import dev.meshctl.model.xds.ListenerConfig;
import dev.meshctl.model.xds.ResourceType;
import io.envoyproxy.envoy.config.accesslog.v3.AccessLog;
import io.envoyproxy.envoy.config.core.v3.Address;
import io.envoyproxy.envoy.config.core.v3.SocketAddress;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.extensions.access_loggers.grpc.v3.HttpGrpcAccessLogConfig;
import io.envoyproxy.envoy.extensions.access_loggers.grpc.v3.TcpGrpcAccessLogConfig;
import io.envoyproxy.envoy.extensions.access_loggers.open_telemetry.v3.OpenTelemetryAccessLogConfig;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Where lines of connections may go. */
class AccessLogCodecTest {
  private static Decoded decoded(Message logger) {
    return XdsCodec.decode(
        ResourceType.LISTENER,
        Any.pack(
            Listener.newBuilder()
                .setName("in")
                .setAddress(
                    Address.newBuilder()
                        .setSocketAddress(
                            SocketAddress.newBuilder().setAddress("127.0.0.1").setPortValue(80)))
                .addAccessLog(
                    AccessLog.newBuilder().setName("collected").setTypedConfig(Any.pack(logger)))
                .build()));
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void lines_for_a_log_service_are_left_aside_by_their_path(boolean http) {
    assertThat(
            decoded(
                http
                    ? HttpGrpcAccessLogConfig.getDefaultInstance()
                    : TcpGrpcAccessLogConfig.getDefaultInstance()))
        .isInstanceOfSatisfying(
            Decoded.Accepted.class,
            accepted -> {
              assertThat(accepted.ignoredFields()).containsExactly("access_log[0]");
              assertThat(((ListenerConfig) accepted.resource()).accessLog()).isEmpty();
            });
  }

  @Test
  void another_logger_is_refused_by_its_name() {
    assertThat(decoded(OpenTelemetryAccessLogConfig.getDefaultInstance()))
        .isInstanceOfSatisfying(
            Decoded.Rejected.class,
            rejected ->
                assertThat(rejected.reasons())
                    .singleElement()
                    .asString()
                    .startsWith("access_log[0]: collected (expected: envoy.access_loggers.file"));
  }
}
