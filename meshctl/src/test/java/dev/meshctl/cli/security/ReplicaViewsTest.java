package dev.meshctl.cli.security;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshctl.model.query.CertificatesView;
import dev.meshctl.model.query.CertificatesView.Certificate;
import dev.meshctl.model.query.CertificatesView.Holder;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReplicaViewsTest {
  private static Certificate certificate(String proxy, String serial, long issued) {
    return new Certificate(
        Holder.WORKLOAD, "spiffe://d/ns/n/sa/s", proxy, serial, issued, 9, "i", "r", true);
  }

  private static List<String> merged(List<Certificate> one, List<Certificate> other) {
    return ReplicaViews.merged(
            List.of(
                new CertificatesView("d", 0, 0, List.of(), one),
                new CertificatesView("d", 0, 0, List.of(), other)))
        .certificates()
        .stream()
        .map(each -> each.serial() + " of " + each.proxy())
        .toList();
  }

  @Test
  void who_is_seen_with_a_certificate_counts_for_more_than_who_issued_it() {
    assertThat(merged(List.of(certificate("", "a", 1)), List.of(certificate("p", "a", 1))))
        .containsExactly("a of p");
  }

  @Test
  void who_renewed_by_one_replica_and_is_connected_to_another_holds_the_new_one() {
    assertThat(merged(List.of(certificate("p", "old", 1)), List.of(certificate("p", "new", 2))))
        .containsExactly("new of p");
    assertThat(merged(List.of(certificate("p", "new", 2)), List.of(certificate("p", "old", 1))))
        .containsExactly("new of p");
  }

  @Test
  void of_whom_nobody_says_which_proxy_it_is_all_are_in_use() {
    assertThat(merged(List.of(certificate("", "a", 1)), List.of(certificate("", "b", 2))))
        .containsExactly("a of ", "b of ");
  }
}
