package dev.meshctl.model.query;

import java.util.List;

/**
 * The certificates of a mesh that are in use, as one control plane knows them ({@code GET
 * /api/v1/certificates}). Nothing in it is secret.
 *
 * @param sinceEpochMillis it knows what it issued since then, and whoever is connected to it
 * @param forgotten how many it left out because there were too many
 * @param roots what workloads trust
 * @param certificates of the control plane, then of workloads
 */
public record CertificatesView(
    String trustDomain,
    long sinceEpochMillis,
    long forgotten,
    List<Root> roots,
    List<Certificate> certificates) {
  public CertificatesView {
    roots = List.copyOf(roots);
    certificates = List.copyOf(certificates);
  }

  /**
   * @param name its subject
   * @param sha256 of the certificate, in hexadecimal
   * @param signing new certificates end at it
   */
  public record Root(
      String name,
      String serial,
      String sha256,
      long beginsEpochMillis,
      long expiresEpochMillis,
      boolean signing) {}

  /** Whose a certificate is. */
  public enum Holder {
    CONTROL_PLANE,
    WORKLOAD
  }

  /**
   * @param proxy node id; empty where nobody has proved himself by it yet, or to another replica
   * @param serial in hexadecimal
   * @param root at which its chain ends, by name
   * @param issuedHere by the control plane that answers; else its holder told of it
   */
  public record Certificate(
      Holder holder,
      String identity,
      String proxy,
      String serial,
      long issuedEpochMillis,
      long expiresEpochMillis,
      String issuer,
      String root,
      boolean issuedHere) {}
}
