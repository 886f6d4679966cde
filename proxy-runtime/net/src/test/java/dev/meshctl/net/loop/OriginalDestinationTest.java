package dev.meshctl.net.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The kernel itself redirects, in a network namespace that ends with its process. */
class OriginalDestinationTest {
  @BeforeEach
  void needs_root() {
    assumeTrue(
        "root".equals(System.getProperty("user.name"))
            && Files.isExecutable(Path.of("/usr/sbin/iptables")),
        "SKIPPED: original destinations need root and iptables");
  }

  @ParameterizedTest
  @CsvSource({
    "iptables,  127.0.0.1, 7777, 127.0.0.1/32, Optional[/127.0.0.1:7777]",
    "iptables,  10.9.8.7,  80,   10.9.8.7/32,  Optional[/10.9.8.7:80]",
    "ip6tables, fd00::9,   443,  fd00::9/128,  Optional[/[fd00:0:0:0:0:0:0:9]:443]",
  })
  void a_redirected_connection_knows_where_it_was_going(
      String tool, String address, int port, String block, String expected) throws Exception {
    String script =
        """
        ip link set lo up
        ip route add local 10.9.8.0/24 dev lo
        ip -6 route add local fd00::/64 dev lo
        %s -t nat -A OUTPUT -p tcp -d %s --dport %d -j REDIRECT --to-ports 15001
        exec "$JAVA" --enable-native-access=ALL-UNNAMED -cp "$CP" \
          dev.meshctl.net.loop.OriginalDestinationProbe %s %d 15001
        """
            .formatted(tool, block, port, address, port);
    assertThat(run(script)).contains("EPOLL " + expected);
  }

  private static String run(String script) throws IOException, InterruptedException {
    ProcessBuilder builder = new ProcessBuilder("unshare", "--net", "sh", "-e", "-c", script);
    builder
        .environment()
        .put("JAVA", Path.of(System.getProperty("java.home"), "bin", "java").toString());
    builder.environment().put("CP", System.getProperty("java.class.path"));
    Process process = builder.redirectErrorStream(true).start();
    try {
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
      return output;
    } finally {
      process.destroyForcibly();
    }
  }
}
