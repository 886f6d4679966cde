package dev.meshctl.cli.security;

import dev.meshctl.cli.Session;
import dev.meshctl.cli.command.MeshOption;
import dev.meshctl.cli.context.MeshReplicas;
import dev.meshctl.model.query.CertificatesView;
import dev.meshctl.model.query.CertificatesView.Certificate;
import dev.meshctl.model.query.CertificatesView.Root;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What all replicas of a control plane know of certificates, as one. */
final class ReplicaViews {
  private ReplicaViews() {}

  static CertificatesView of(MeshOption mesh, Session session) {
    try (MeshReplicas replicas = mesh.replicas(session)) {
      return merged(
          replicas.all().stream().map(replica -> replica.client().certificates()).toList());
    }
  }

  /**
   * What one replica issued, another's connected proxy may hold: that word counts for more. Who
   * renewed by one and is still connected to another is seen there with the one before.
   */
  static CertificatesView merged(List<CertificatesView> views) {
    Map<String, Root> roots = new LinkedHashMap<>();
    Map<String, Certificate> certificates = new LinkedHashMap<>();
    for (CertificatesView view : views) {
      view.roots()
          .forEach(root ->
              roots.merge(root.sha256(), root, (one, other) -> one.signing() ? one : other));
      view.certificates()
          .forEach(each ->
              certificates.merge(
                  each.serial(), each, (one, other) -> one.proxy().isEmpty() ? other : one));
    }
    keepNewest(certificates);
    return new CertificatesView(
        views.getFirst().trustDomain(),
        views.stream().mapToLong(CertificatesView::sinceEpochMillis).max().orElse(0),
        views.stream().mapToLong(CertificatesView::forgotten).sum(),
        List.copyOf(roots.values()),
        List.copyOf(certificates.values()));
  }

  private static void keepNewest(Map<String, Certificate> bySerial) {
    Map<String, Certificate> newest = new HashMap<>();
    for (Certificate each : List.copyOf(bySerial.values())) {
      if (each.proxy().isEmpty()) {
        continue;
      }
      Certificate other = newest.get(each.proxy());
      boolean later = other == null || each.issuedEpochMillis() > other.issuedEpochMillis();
      if (other != null) {
        bySerial.remove(later ? other.serial() : each.serial());
      }
      if (later) {
        newest.put(each.proxy(), each);
      }
    }
  }
}
