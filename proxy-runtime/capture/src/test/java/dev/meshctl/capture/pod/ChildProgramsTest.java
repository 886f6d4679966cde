package dev.meshctl.capture.pod;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshctl.capture.pod.Programs.Ran;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

class ChildProgramsTest {
  @Test
  void programs_of_iptables_may_be_one_file_of_their_kind() {
    assertThat(ChildPrograms.inOneFile(List.of("ip6tables-nft-restore", "-w", "-n")))
        .contains(List.of("xtables-nft-multi", "ip6tables-nft-restore", "-w", "-n"));
    assertThat(ChildPrograms.inOneFile(List.of("iptables-legacy-save", "-t", "nat")))
        .contains(List.of("xtables-legacy-multi", "iptables-legacy-save", "-t", "nat"));
  }

  @Test
  void other_programs_are_themselves_or_missing() throws IOException {
    assertThat(ChildPrograms.inOneFile(List.of("nft", "list", "tables"))).isEmpty();
    assertThat(ChildPrograms.inOneFile(List.of("iptables-save"))).isEmpty();
    assertThat(new ChildPrograms().run(List.of("no-such-program"), "").status())
        .isEqualTo(Ran.MISSING);
  }
}
