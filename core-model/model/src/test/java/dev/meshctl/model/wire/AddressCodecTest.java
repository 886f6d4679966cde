package dev.meshctl.model.wire;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Any;
import dev.meshctl.model.xds.ResourceType;
import io.envoyproxy.envoy.config.core.v3.Address;
import io.envoyproxy.envoy.config.core.v3.Pipe;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What no socket can be at; what can, XdsCodecTest reads back. */
class AddressCodecTest {
  private static List<String> reasons(Pipe.Builder pipe) {
    Listener listener =
        Listener.newBuilder().setName("l").setAddress(Address.newBuilder().setPipe(pipe)).build();
    return XdsCodec.decode(ResourceType.LISTENER, Any.pack(listener))
            instanceof Decoded.Rejected rejected
        ? rejected.reasons()
        : List.of();
  }

  @Test
  void a_unix_socket_needs_an_absolute_path_or_a_name() {
    assertThat(reasons(Pipe.newBuilder().setPath("/run/a.sock").setMode(0660))).isEmpty();
    assertThat(reasons(Pipe.newBuilder().setPath("@mesh"))).isEmpty();
    assertThat(reasons(Pipe.newBuilder().setPath("run/a.sock")))
        .containsExactly(
            "address.pipe.path: run/a.sock"
                + " (expected: an absolute path, or @ and a name, of at most 107 bytes)");
    assertThat(reasons(Pipe.newBuilder().setPath("/" + "a".repeat(107)))).hasSize(1);
  }

  @Test
  void a_mode_needs_a_file() {
    assertThat(reasons(Pipe.newBuilder().setPath("@mesh").setMode(0600)))
        .containsExactly("address.pipe.mode: set for a socket without a file (expected: not set)");
    assertThat(reasons(Pipe.newBuilder().setPath("/run/a.sock").setMode(01000)))
        .containsExactly("address.pipe.mode: 512 (expected: at most 0777)");
  }
}
