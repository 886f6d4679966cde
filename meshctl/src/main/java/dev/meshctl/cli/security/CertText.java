package dev.meshctl.cli.security;

import dev.meshctl.cli.command.Plural;
import dev.meshctl.cli.render.Output;
import dev.meshctl.cli.render.Style;
import dev.meshctl.cli.render.Table;
import dev.meshctl.cli.render.Table.Cell;
import dev.meshctl.model.query.CertificatesView;
import dev.meshctl.model.query.CertificatesView.Certificate;
import dev.meshctl.model.query.CertificatesView.Holder;
import dev.meshctl.model.query.CertificatesView.Root;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Comparator;

/** Certificates as people read them, those that end first at the top. */
final class CertText {
  private static final Duration ROOT_ENDS_SOON = Duration.ofDays(30);
  private static final String SPIFFE = "spiffe://";

  private final Output output;
  private final Instant now;

  CertText(Output output, Instant now) {
    this.output = output;
    this.now = now;
  }

  /** Its holder should have renewed it long ago. */
  static boolean endsSoon(Certificate certificate, Instant now) {
    long life = certificate.expiresEpochMillis() - certificate.issuedEpochMillis();
    return certificate.expiresEpochMillis() - now.toEpochMilli() < life / 4;
  }

  static boolean endsSoon(Root root, Instant now) {
    return root.expiresEpochMillis() - now.toEpochMilli() < ROOT_ENDS_SOON.toMillis();
  }

  void show(CertificatesView view) {
    Table roots = Table.of("ROOT", "SHA-256", "ENDS", "IN", "SIGNS").shrinkable(0);
    for (Root root : view.roots()) {
      roots.row(
          root.name(),
          root.sha256().substring(0, Math.min(12, root.sha256().length())),
          time(root.expiresEpochMillis()),
          left(root.expiresEpochMillis(), endsSoon(root, now)),
          root.signing() ? "yes" : "no, trusted only");
    }
    output.table(roots);
    output.line("");
    Table table =
        Table.of("IDENTITY", "PROXY", "SERIAL", "ISSUED", "EXPIRES", "IN", "ROOT")
            .shrinkable(0, 1, 6);
    view.certificates().stream()
        .sorted(Comparator.comparingLong(Certificate::expiresEpochMillis))
        .forEach(each ->
            table.row(
                each.identity().startsWith(SPIFFE)
                    ? each.identity().substring(SPIFFE.length())
                    : each.identity(),
                proxy(each),
                each.serial().substring(0, Math.min(12, each.serial().length())),
                time(each.issuedEpochMillis()),
                time(each.expiresEpochMillis()),
                left(each.expiresEpochMillis(), endsSoon(each, now)),
                each.root()));
    output.table(table);
    if (view.forgotten() > 0) {
      output.note(Plural.of(view.forgotten(), "certificate") + " more than are kept in mind");
    }
  }

  private static Object proxy(Certificate certificate) {
    if (certificate.holder() == Holder.CONTROL_PLANE) {
      return "control plane";
    }
    return certificate.proxy().isEmpty()
        ? Cell.of(Style.QUIET, "not connected")
        : instance(certificate.proxy());
  }

  /** The instance in a node id, {@code sidecar~ADDRESS~NAME.NAMESPACE~DOMAIN}. */
  static String instance(String nodeId) {
    String[] parts = nodeId.split("~", -1);
    return parts.length > 2 ? parts[2] : nodeId;
  }

  private static String time(long epochMillis) {
    return Instant.ofEpochMilli(epochMillis).truncatedTo(ChronoUnit.SECONDS).toString();
  }

  private Cell left(long epochMillis, boolean soon) {
    Duration left = Duration.ofMillis(epochMillis - now.toEpochMilli());
    if (left.isNegative() || left.isZero()) {
      return Cell.of(Style.BAD, "EXPIRED");
    }
    String words =
        left.toDays() >= 3
            ? left.toDays() + " d"
            : left.toHours() >= 3
                ? left.toHours() + " h"
                : left.toMinutes() >= 3 ? left.toMinutes() + " min" : left.toSeconds() + " s";
    return Cell.of(soon ? Style.CAREFUL : Style.PLAIN, soon ? words + " (soon)" : words);
  }
}
