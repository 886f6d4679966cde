package dev.meshctl.cli.local.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PortHolderTest {
  @Test
  @EnabledOnOs(OS.LINUX)
  void this_process_is_named_as_the_holder_of_its_own_port() throws IOException {
    try (ServerSocket socket = new ServerSocket()) {
      socket.bind(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0));

      assertThat(new PortHolder(Path.of("/proc")).of("127.0.0.1", socket.getLocalPort()))
          .hasValueSatisfying(
              holder -> assertThat(holder.pid()).isEqualTo(ProcessHandle.current().pid()));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "0100007F:2383, 127.0.0.1, 9091, true",
    "0100007F:2383, 127.0.0.2, 9091, false",
    "0100007F:2383, 127.0.0.1, 9092, false",
    "00000000:2383, 127.0.0.2, 9091, true",
    "00000000000000000000000000000000:2383, 127.0.0.2, 9091, true",
    "0000000000000000FFFF00000100007F:2383, 127.0.0.1, 9091, true",
    "00000000000000000000000001000000:2383, 127.0.0.1, 9091, false"
  })
  void a_listener_covers_its_own_address_or_all(
      String local, String address, int port, boolean covers) {
    assertThat(PortHolder.covers(local, address, port)).isEqualTo(covers);
  }

  @Test
  void where_there_is_no_proc_nobody_is_named() {
    assertThat(new PortHolder(Path.of("/nonexistent")).of("127.0.0.1", 80)).isEmpty();
  }
}
