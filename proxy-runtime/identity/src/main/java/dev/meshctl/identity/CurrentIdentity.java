package dev.meshctl.identity;

import dev.meshctl.net.tls.IdentityMaterial;
import java.net.Socket;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

/**
 * The identity this process holds now. TLS contexts made with {@link #keyManager} present the
 * newest at each handshake, so a renewal needs no new context.
 *
 * <p>Thread: any; subscribers run on the publisher's thread.
 */
public final class CurrentIdentity {
  private final List<Consumer<IdentityMaterial>> subscribers = new CopyOnWriteArrayList<>();

  /** The one before is kept for handshakes that chose it before the swap. */
  private record Held(IdentityMaterial now, @Nullable IdentityMaterial before) {}

  private volatile @Nullable Held held;

  /** Empty until the first is published. */
  public Optional<IdentityMaterial> current() {
    Held h = held;
    return h == null ? Optional.empty() : Optional.of(h.now);
  }

  /** Calls at once with the current identity, if any, then with each newer one. */
  public synchronized void subscribe(Consumer<IdentityMaterial> subscriber) {
    subscribers.add(subscriber);
    current().ifPresent(subscriber);
  }

  public synchronized void publish(IdentityMaterial fresh) {
    Held h = held;
    held = new Held(fresh, h == null ? null : h.now);
    subscribers.forEach(s -> s.accept(fresh));
  }

  /** Presents the newest identity (EC) in both directions; none while there is none. */
  public X509ExtendedKeyManager keyManager() {
    return new Keys();
  }

  private static String alias(IdentityMaterial material) {
    return material.chain().getFirst().getSerialNumber().toString(16);
  }

  private final class Keys extends X509ExtendedKeyManager {
    private @Nullable String choose(String keyType) {
      Held h = held;
      // JSSE says EC, OpenSSL's cipher names map to EC_EC and the like.
      return h != null && keyType.startsWith("EC") ? alias(h.now) : null;
    }

    private @Nullable String chooseAny(String[] keyTypes) {
      for (String type : keyTypes) {
        String alias = choose(type);
        if (alias != null) {
          return alias;
        }
      }
      return null;
    }

    private @Nullable IdentityMaterial named(String alias) {
      Held h = held;
      if (h == null) {
        return null;
      }
      if (alias(h.now).equals(alias)) {
        return h.now;
      }
      return h.before != null && alias(h.before).equals(alias) ? h.before : null;
    }

    @Override
    public @Nullable String chooseEngineClientAlias(
        String[] keyTypes, Principal @Nullable [] issuers, SSLEngine engine) {
      return chooseAny(keyTypes);
    }

    @Override
    public @Nullable String chooseEngineServerAlias(
        String keyType, Principal @Nullable [] issuers, SSLEngine engine) {
      return choose(keyType);
    }

    @Override
    public @Nullable String chooseClientAlias(
        String[] keyTypes, Principal @Nullable [] issuers, Socket socket) {
      return chooseAny(keyTypes);
    }

    @Override
    public @Nullable String chooseServerAlias(
        String keyType, Principal @Nullable [] issuers, Socket socket) {
      return choose(keyType);
    }

    @Override
    public String @Nullable [] getClientAliases(String keyType, Principal @Nullable [] issuers) {
      return getServerAliases(keyType, issuers);
    }

    @Override
    public String @Nullable [] getServerAliases(String keyType, Principal @Nullable [] issuers) {
      String alias = choose(keyType);
      return alias == null ? null : new String[] {alias};
    }

    @Override
    public X509Certificate @Nullable [] getCertificateChain(String alias) {
      IdentityMaterial material = named(alias);
      return material == null ? null : material.chain().toArray(X509Certificate[]::new);
    }

    @Override
    public @Nullable PrivateKey getPrivateKey(String alias) {
      IdentityMaterial material = named(alias);
      return material == null ? null : material.key();
    }
  }
}
