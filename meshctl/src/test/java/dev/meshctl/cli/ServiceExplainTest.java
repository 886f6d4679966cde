package dev.meshctl.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshctl.cli.CommandLineFixture.Said;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class ServiceExplainTest {
  @TempDir private Path state;
  @TempDir private Path folder;
  private CommandLineFixture cli;

  @BeforeEach
  void open() throws IOException {
    cli = CommandLineFixture.in(state);
    try (InputStream in = ServiceExplainTest.class.getResourceAsStream("cluster.yaml")) {
      assertThat(in).isNotNull();
      Files.write(folder.resolve("cluster.yaml"), in.readAllBytes());
    }
  }

  private Said explain(String... words) {
    String[] all = new String[words.length + 4];
    all[0] = "service";
    all[1] = "explain";
    all[2] = "-f";
    all[3] = folder.toString();
    System.arraycopy(words, 0, all, 4, words.length);
    return cli.run(all);
  }

  @ParameterizedTest
  @CsvSource({
    "iptables, outside",
    "iptables, pod",
    "nftables, outside",
    "ipvs, outside",
    "userspace, node"
  })
  void the_way_of_a_packet_is_told_rule_by_rule(String mode, String from) {
    assertThat(explain("shop/front", "--mode", mode, "--from", from).golden())
        .isEqualTo(CommandLineFixture.golden("service-explain-" + mode + "-" + from));
  }

  @Test
  void in_json_every_rule_is_whole_and_names_its_line() {
    Said said = explain("front", "-n", "shop", "--mode", "nftables", "-o", "json");

    JsonNode step = JsonMapper.builder().build().readTree(said.out()).at("/doors/0/steps/0");
    assertThat(step.at("/chain").asString()).isEqualTo("MESH-SERVICES");
    assertThat(step.at("/rule/0").asString())
        .contains("comment \"shop/front:http cluster address\"");
    assertThat(step.at("/origin/line").asInt()).isEqualTo(22);
  }

  @Test
  void a_client_that_is_not_of_the_source_ranges_is_told_what_drops_it() {
    Said said = explain("shop/front", "--from", "outside", "--source-ip", "198.51.100.9");

    assertThat(said.out())
        .contains("203.0.113.1:80/tcp  shop/front:http, load balancer's address: is dropped")
        .contains("not of the source ranges - Service shop/front spec.loadBalancerSourceRanges");
  }

  @Test
  void a_service_without_endpoints_is_refused_and_why_is_said() {
    Said said = explain("shop/till");

    assertThat(said.out()).contains("is refused at once").contains("-j REJECT");
    assertThat(said.err()).contains("no EndpointSlice of it is written");
  }

  @Test
  void a_headless_service_is_nothing_to_a_node() {
    Said said = explain("shop/names");

    assertThat(said.exitCode()).isZero();
    assertThat(said.err()).contains("headless");
  }

  @Test
  void who_is_not_there_is_told_with_who_may_be_meant() {
    assertThat(explain("shop/fromt").golden())
        .contains("there is no Service shop/fromt")
        .contains("did you mean 'shop/front'?");
    assertThat(explain("shop/front", "--node", "node9").golden())
        .contains("there is no Node node9")
        .contains("Nodes here: node1, node2");
  }
}
