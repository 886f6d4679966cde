package dev.meshctl.identity;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * The roots of a mesh on this machine, in the state folder of its control plane, while one takes
 * the place of another. Files alone say how far that is, and each step can be done again, so
 * whoever does it may die at any moment:
 *
 * <pre>
 *             begin                swap                  finish
 *   STEADY ----------> SPREADING ----------> RENEWING ----------> STEADY (the new one)
 *      ^                   |                     |
 *      +---- undo ---------+      undo = swap back, then finish
 * </pre>
 *
 * <p>{@code root-key.pem} belongs to the root that signs; {@code root-cert.pem} has what is
 * trusted, that one among it; {@code next-root-key.pem} belongs to the one that shall sign, {@code
 * previous-root-key.pem} to the one that has signed. A control plane reads them when it starts.
 *
 * <p>Thread: one at a time.
 */
public final class TrustFolder {
  static final String KEY = "root-key.pem";
  static final String CERTIFICATES = "root-cert.pem";
  private static final String NEXT = "next-root-key.pem";
  private static final String PREVIOUS = "previous-root-key.pem";

  private final Path folder;
  private final SecureRandom random;

  /** How far it is. */
  public enum Phase {
    /** One root, which signs. */
    STEADY,
    /** Two are to be trusted, the old one signs. */
    SPREADING,
    /** Two are trusted, the new one signs. */
    RENEWING
  }

  /**
   * @param signing of which certificates are issued
   * @param trusted it, and the other one unless {@link Phase#STEADY}
   */
  public record State(Phase phase, X509Certificate signing, List<X509Certificate> trusted) {
    public State {
      trusted = List.copyOf(trusted);
    }
  }

  public TrustFolder(Path folder, SecureRandom random) {
    this.folder = folder;
    this.random = random;
  }

  /**
   * @throws IdentityException where what is there cannot be used
   */
  public State state() throws IdentityException {
    try {
      List<X509Certificate> trusted =
          Pem.certificates(Files.readString(folder.resolve(CERTIFICATES)));
      PrivateKey key = Pem.ecKey(PrivateFiles.readSecret(folder.resolve(KEY)));
      Phase phase =
          trusted.size() > 1 && Files.exists(folder.resolve(NEXT))
              ? Phase.SPREADING
              : Files.exists(folder.resolve(PREVIOUS)) ? Phase.RENEWING : Phase.STEADY;
      return new State(phase, of(key, trusted), trusted);
    } catch (IOException | GeneralSecurityException unusable) {
      throw unusable(unusable);
    }
  }

  /** The certificate of a key. */
  private X509Certificate of(PrivateKey key, List<X509Certificate> among)
      throws GeneralSecurityException {
    return RootAuthority.certificateOf(key, among, random);
  }

  private IdentityException unusable(Exception cause) {
    return new IdentityException(
        "the roots of trust in " + folder + " cannot be used: " + cause.getMessage(), cause);
  }

  static void require(State state, Phase... any) throws IdentityException {
    if (!List.of(any).contains(state.phase())) {
      throw new IdentityException(
          "the roots of trust are " + state.phase() + " (expected: " + List.of(any) + ")");
    }
  }

  /** Makes a new root, trusted beside the old one from now on. */
  public State begin(String trustDomain, Instant now) throws IdentityException {
    State before = state();
    require(before, Phase.STEADY);
    try {
      RootAuthority.Text fresh = RootAuthority.create(trustDomain, now, random);
      PrivateFiles.write(folder.resolve(NEXT), fresh.keyPem());
      List<X509Certificate> both = new ArrayList<>(List.of(before.signing()));
      both.addAll(Pem.certificates(fresh.certificatePem()));
      PrivateFiles.write(folder.resolve(CERTIFICATES), Pem.certificates(both));
      return state();
    } catch (IOException | GeneralSecurityException failed) {
      throw unusable(failed);
    }
  }

  /** From now on the new one signs. */
  public State swap() throws IdentityException {
    require(state(), Phase.SPREADING);
    try {
      Path next = folder.resolve(NEXT);
      of(Pem.ecKey(PrivateFiles.readSecret(next)), state().trusted());
      PrivateFiles.write(folder.resolve(PREVIOUS), PrivateFiles.readSecret(folder.resolve(KEY)));
      Files.move(
          next,
          folder.resolve(KEY),
          StandardCopyOption.ATOMIC_MOVE,
          StandardCopyOption.REPLACE_EXISTING);
      return state();
    } catch (IOException | GeneralSecurityException failed) {
      throw unusable(failed);
    }
  }

  /** The one that does not sign is trusted no more, and its key is gone. */
  public State finish() throws IdentityException {
    require(state(), Phase.RENEWING);
    return alone();
  }

  /**
   * Back to the old one: at once where nothing was signed by the new one, else the old one signs
   * again and {@link #finish} is to follow.
   */
  public State undo() throws IdentityException {
    State before = state();
    require(before, Phase.SPREADING, Phase.RENEWING);
    try {
      if (before.phase() == Phase.SPREADING) {
        // An undo that was cut short goes on: the one to go back to had signed once already.
        Path previous = folder.resolve(PREVIOUS);
        boolean cut =
            Files.exists(previous)
                && !PrivateFiles.readSecret(previous)
                    .equals(PrivateFiles.readSecret(folder.resolve(KEY)));
        return cut ? swap() : alone();
      }
      PrivateFiles.write(folder.resolve(NEXT), PrivateFiles.readSecret(folder.resolve(PREVIOUS)));
      return swap();
    } catch (IOException failed) {
      throw unusable(failed);
    }
  }

  private State alone() throws IdentityException {
    try {
      PrivateFiles.write(
          folder.resolve(CERTIFICATES), Pem.certificates(List.of(state().signing())));
      Files.deleteIfExists(folder.resolve(NEXT));
      Files.deleteIfExists(folder.resolve(PREVIOUS));
      return state();
    } catch (IOException failed) {
      throw unusable(failed);
    }
  }
}
