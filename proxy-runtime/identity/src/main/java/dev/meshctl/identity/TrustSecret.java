package dev.meshctl.identity;

import dev.meshctl.identity.TrustFolder.Phase;
import dev.meshctl.identity.TrustFolder.State;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The roots of a mesh on a cluster as its Secret has them, while one takes the place of another:
 * the same steps as {@link TrustFolder}'s, each of which is one new content, so that none can be
 * half done.
 *
 * @param data by name: {@code ca-key.pem} belongs to the root that signs, {@code ca-cert.pem} has
 *     what is trusted, {@code next-ca-key.pem} belongs to the one that shall sign, {@code
 *     previous-ca-key.pem} to the one that has signed
 */
public record TrustSecret(Map<String, String> data) {
  private static final String KEY = "ca-key.pem";
  private static final String CERTIFICATES = "ca-cert.pem";
  private static final String NEXT = "next-ca-key.pem";
  private static final String PREVIOUS = "previous-ca-key.pem";

  public TrustSecret {
    data = Map.copyOf(data);
  }

  /** Whoever prints it by accident prints no key. */
  @Override
  public String toString() {
    return data.getOrDefault(CERTIFICATES, "");
  }

  /**
   * @throws IdentityException where what is there cannot be used
   */
  public State state(SecureRandom random) throws IdentityException {
    try {
      List<X509Certificate> trusted = Pem.certificates(required(CERTIFICATES));
      Phase phase =
          data.containsKey(NEXT)
              ? Phase.SPREADING
              : data.containsKey(PREVIOUS) ? Phase.RENEWING : Phase.STEADY;
      return new State(phase, of(required(KEY), trusted, random), trusted);
    } catch (GeneralSecurityException unusable) {
      throw unusable(unusable);
    }
  }

  private String required(String name) throws IdentityException {
    String text = data.get(name);
    if (text == null) {
      throw new IdentityException("the roots of trust have no " + name + " (expected: PEM)");
    }
    return text;
  }

  private static X509Certificate of(String key, List<X509Certificate> among, SecureRandom random)
      throws GeneralSecurityException {
    return RootAuthority.certificateOf(Pem.ecKey(key), among, random);
  }

  private static IdentityException unusable(Exception cause) {
    return new IdentityException("the roots of trust cannot be used: " + cause.getMessage(), cause);
  }

  /** With a new root, trusted beside the old one. */
  public TrustSecret begin(String trustDomain, Instant now, SecureRandom random)
      throws IdentityException {
    State before = state(random);
    TrustFolder.require(before, Phase.STEADY);
    try {
      RootAuthority.Text fresh = RootAuthority.create(trustDomain, now, random);
      List<X509Certificate> both = new ArrayList<>(List.of(before.signing()));
      both.addAll(Pem.certificates(fresh.certificatePem()));
      return with(Map.of(NEXT, fresh.keyPem(), CERTIFICATES, Pem.certificates(both)));
    } catch (GeneralSecurityException failed) {
      throw unusable(failed);
    }
  }

  /** The new one signs. */
  public TrustSecret swap(SecureRandom random) throws IdentityException {
    State before = state(random);
    TrustFolder.require(before, Phase.SPREADING);
    try {
      of(required(NEXT), before.trusted(), random);
    } catch (GeneralSecurityException strange) {
      throw unusable(strange);
    }
    return with(Map.of(KEY, required(NEXT), PREVIOUS, required(KEY))).without(NEXT);
  }

  /** The one that does not sign is trusted no more, and its key is gone. */
  public TrustSecret finish(SecureRandom random) throws IdentityException {
    TrustFolder.require(state(random), Phase.RENEWING);
    return alone(random);
  }

  /**
   * Back to the old one: at once where nothing was signed by the new one, else the old one signs
   * again and {@link #finish} is to follow.
   */
  public TrustSecret undo(SecureRandom random) throws IdentityException {
    State before = state(random);
    TrustFolder.require(before, Phase.SPREADING, Phase.RENEWING);
    return before.phase() == Phase.SPREADING
        ? alone(random)
        : with(Map.of(KEY, required(PREVIOUS), PREVIOUS, required(KEY)));
  }

  private TrustSecret alone(SecureRandom random) throws IdentityException {
    String signing = Pem.certificates(List.of(state(random).signing()));
    return with(Map.of(CERTIFICATES, signing)).without(NEXT).without(PREVIOUS);
  }

  private TrustSecret with(Map<String, String> changed) {
    Map<String, String> all = new TreeMap<>(data);
    all.putAll(changed);
    return new TrustSecret(all);
  }

  private TrustSecret without(String name) {
    Map<String, String> all = new TreeMap<>(data);
    all.remove(name);
    return new TrustSecret(all);
  }
}
