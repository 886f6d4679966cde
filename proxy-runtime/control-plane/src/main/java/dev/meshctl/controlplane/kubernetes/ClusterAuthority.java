package dev.meshctl.controlplane.kubernetes;

import dev.meshctl.cluster.ClusterException;
import dev.meshctl.cluster.ClusterObject;
import dev.meshctl.cluster.ClusterObjects;
import dev.meshctl.cluster.ObjectKind;
import dev.meshctl.identity.CertificateAuthority;
import dev.meshctl.identity.IdentityException;
import dev.meshctl.identity.RootAuthority;
import dev.meshctl.identity.SigningAuthority;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Base64;
import java.util.Optional;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * The authority that all replicas share. A Secret {@code cacerts} holds one that somebody else
 * vouches for, under the names that users know; else the root in the Secret {@code meshctl-ca} is
 * it, made by whoever comes first: creating an object is what only one of two can do.
 *
 * <p>Thread: any; blocking.
 */
public final class ClusterAuthority {
  public static final String PLUGGED = "cacerts";
  public static final String OWN = "meshctl-ca";

  private static final System.Logger LOG = System.getLogger(ClusterAuthority.class.getName());
  private static final ObjectKind SECRET = new ObjectKind("v1", "Secret");
  private static final String KEY = "ca-key.pem";
  private static final String CERTIFICATE = "ca-cert.pem";
  private static final String CHAIN = "cert-chain.pem";
  private static final String ROOT = "root-cert.pem";

  private final ClusterObjects objects;
  private final String namespace;
  private final String trustDomain;
  private final Duration longest;
  private final InstantSource clock;
  private final SecureRandom random;

  /**
   * @param namespace of the Secrets
   * @param longest life of issued certificates
   */
  public ClusterAuthority(
      ClusterObjects objects,
      String namespace,
      String trustDomain,
      Duration longest,
      InstantSource clock,
      SecureRandom random) {
    this.objects = objects;
    this.namespace = namespace;
    this.trustDomain = trustDomain;
    this.longest = longest;
    this.clock = clock;
    this.random = random;
  }

  /**
   * Reads what is there, or makes it.
   *
   * @throws IdentityException where what is there cannot be used; the message names the Secret
   * @throws ClusterException where the cluster does not answer or permit
   */
  public CertificateAuthority open() throws IdentityException, ClusterException {
    Optional<ClusterObject> plugged = findPlugged();
    if (plugged.isPresent()) {
      return plugged(plugged.get());
    }
    Optional<ClusterObject> own = objects.get(SECRET, Optional.of(namespace), OWN);
    return own(own.isPresent() ? own.get() : firstOf());
  }

  private Optional<ClusterObject> findPlugged() throws ClusterException {
    try {
      return objects.get(SECRET, Optional.of(namespace), PLUGGED);
    } catch (ClusterException failed) {
      if (failed.reason() != ClusterException.Reason.FORBIDDEN) {
        throw failed;
      }
      LOG.log(
          System.Logger.Level.WARNING,
          "Secret {0}/{1} may not be read: an authority in it is not used",
          namespace,
          PLUGGED);
      return Optional.empty();
    }
  }

  private CertificateAuthority plugged(ClusterObject secret) throws IdentityException {
    try {
      return CertificateAuthority.of(
          SigningAuthority.plugged(
              required(secret, CERTIFICATE),
              required(secret, KEY),
              text(secret, CHAIN).orElse(""),
              required(secret, ROOT),
              clock.instant(),
              random),
          trustDomain,
          longest,
          clock,
          random);
    } catch (IdentityException unusable) {
      throw new IdentityException(secret + ": " + unusable.getMessage(), unusable);
    }
  }

  private CertificateAuthority own(ClusterObject secret) throws IdentityException {
    try {
      return CertificateAuthority.below(
          new RootAuthority.Text(required(secret, KEY), required(secret, CERTIFICATE)),
          trustDomain,
          longest,
          clock,
          random);
    } catch (IdentityException unusable) {
      throw new IdentityException(
          secret
              + ": "
              + unusable.getMessage()
              + "; restore it, or delete it to start a new root (every workload then needs a new"
              + " trust bundle)",
          unusable);
    }
  }

  /** What we have made, or what another has made meanwhile. */
  private ClusterObject firstOf() throws IdentityException, ClusterException {
    RootAuthority.Text root = CertificateAuthority.newRoot(trustDomain, clock, random);
    ObjectNode tree = JsonNodeFactory.instance.objectNode();
    tree.put("apiVersion", "v1").put("kind", "Secret").put("type", "meshctl.dev/ca-root");
    ObjectNode metadata = tree.putObject("metadata");
    metadata.put("name", OWN).put("namespace", namespace);
    metadata.putObject("labels").put("app.kubernetes.io/part-of", "meshctl");
    tree.putObject("data")
        .put(KEY, encoded(root.keyPem()))
        .put(CERTIFICATE, encoded(root.certificatePem()));
    try {
      ClusterObject made = objects.create(new ClusterObject(tree));
      LOG.log(System.Logger.Level.INFO, "made a root of trust in Secret {0}/{1}", namespace, OWN);
      return made;
    } catch (ClusterException failed) {
      if (failed.reason() != ClusterException.Reason.CONFLICT) {
        throw failed;
      }
      return objects
          .get(SECRET, Optional.of(namespace), OWN)
          .orElseThrow(() ->
              new IdentityException(
                  "Secret " + namespace + "/" + OWN + " came and went while we started"));
    }
  }

  private static String required(ClusterObject secret, String name) throws IdentityException {
    return text(secret, name)
        .orElseThrow(() -> new IdentityException("has no " + name + " (expected: PEM)"));
  }

  private static Optional<String> text(ClusterObject secret, String name) {
    String coded = secret.tree().path("data").path(name).asString("");
    if (coded.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(new String(Base64.getMimeDecoder().decode(coded), StandardCharsets.UTF_8));
  }

  private static String encoded(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }
}
