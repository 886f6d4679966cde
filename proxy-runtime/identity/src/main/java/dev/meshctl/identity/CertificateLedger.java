package dev.meshctl.identity;

import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The certificates of workloads that are in use, as far as this control plane knows: those that it
 * issued, until the holder has another or they end, and those that proxies prove themselves by to
 * it, whoever issued them. Holds neither keys nor certificates.
 *
 * <p>At most {@link #MOST} of them; then the oldest is forgotten, and counted.
 *
 * <p>Thread: any.
 */
public final class CertificateLedger {
  /** About 20 MiB. */
  public static final int MOST = 50_000;

  private final int most;
  private final Map<String, Entry> bySerial = new LinkedHashMap<>();
  private final Map<String, String> serialByProxy = new HashMap<>();

  /** By serial of one that was renewed, which its holder may still prove himself by. */
  private final Map<String, Renewed> renewed = new LinkedHashMap<>();

  private long forgotten;

  private record Renewed(String by, Instant until) {}

  /**
   * One of them.
   *
   * @param proxy node id of who proved himself by it, or by the one before it; empty where nobody
   *     has yet
   * @param serial in hexadecimal
   * @param issuer of the certificate itself
   * @param root whose name stands at the end of its chain
   * @param issuedHere false where only its holder tells of it
   */
  public record Entry(
      SpiffeId identity,
      String proxy,
      String serial,
      Instant issued,
      Instant expires,
      String issuer,
      String root,
      boolean issuedHere) {
    private Entry heldBy(String holder) {
      return new Entry(identity, holder, serial, issued, expires, issuer, root, issuedHere);
    }
  }

  public CertificateLedger() {
    this(MOST);
  }

  CertificateLedger(int most) {
    this.most = most;
  }

  /**
   * A certificate was given out.
   *
   * @param chain the leaf first, without the root
   * @param before that its holder proved himself by when he asked; empty for a token
   */
  public void issued(
      SpiffeId identity, List<X509Certificate> chain, Optional<X509Certificate> before) {
    issued(identity, chain, before, "");
  }

  /**
   * The same, of one who says which proxy it is: its stream may be with another replica, which
   * knows of the one before only.
   *
   * @param proxy its node id; empty where nobody says so
   */
  public synchronized void issued(
      SpiffeId identity,
      List<X509Certificate> chain,
      Optional<X509Certificate> before,
      String proxy) {
    Entry fresh = entry(identity, proxy, chain, true);
    if (!proxy.isEmpty()) {
      String last = serialByProxy.put(proxy, fresh.serial());
      if (last != null) {
        bySerial.remove(last);
      }
    }
    before.ifPresent(old -> {
      Entry replaced = bySerial.remove(serial(old));
      renewed.put(serial(old), new Renewed(fresh.serial(), old.getNotAfter().toInstant()));
      if (proxy.isEmpty() && replaced != null && !replaced.proxy().isEmpty()) {
        serialByProxy.put(replaced.proxy(), fresh.serial());
        add(fresh.heldBy(replaced.proxy()));
      }
    });
    bySerial.putIfAbsent(fresh.serial(), fresh);
    bound();
  }

  /**
   * A proxy proves who it is.
   *
   * @param proxy its node id
   * @param chain the leaf first
   */
  public synchronized void presented(String proxy, SpiffeId identity, List<X509Certificate> chain) {
    String serial = newest(serial(chain.getFirst()));
    Entry known = bySerial.get(serial);
    if (known == null && !serial.equals(serial(chain.getFirst()))) {
      return;
    }
    String last = serialByProxy.put(proxy, serial);
    if (last != null && !last.equals(serial)) {
      bySerial.remove(last);
    }
    add(known == null ? entry(identity, proxy, chain, false) : known.heldBy(proxy));
    bound();
  }

  private String newest(String serial) {
    String newest = serial;
    for (Renewed next = renewed.get(newest); next != null; next = renewed.get(newest)) {
      newest = next.by();
    }
    return newest;
  }

  private void add(Entry entry) {
    bySerial.put(entry.serial(), entry);
  }

  private void bound() {
    while (bySerial.size() > most) {
      forget(bySerial.values().iterator().next());
      forgotten++;
    }
    while (renewed.size() > most) {
      renewed.remove(renewed.keySet().iterator().next());
    }
  }

  private void forget(Entry entry) {
    bySerial.remove(entry.serial());
    serialByProxy.remove(entry.proxy(), entry.serial());
  }

  /** Those that have not ended, in the order in which they were issued or first seen. */
  public synchronized List<Entry> inUse(Instant now) {
    bySerial.values().stream()
        .filter(entry -> !entry.expires().isAfter(now))
        .toList()
        .forEach(this::forget);
    renewed.values().removeIf(each -> !each.until().isAfter(now));
    return new ArrayList<>(bySerial.values());
  }

  /** How many were left out since the start, because there were too many. */
  public synchronized long forgotten() {
    return forgotten;
  }

  private static Entry entry(
      SpiffeId identity, String proxy, List<X509Certificate> chain, boolean here) {
    X509Certificate leaf = chain.getFirst();
    return new Entry(
        identity,
        proxy,
        serial(leaf),
        leaf.getNotBefore().toInstant(),
        leaf.getNotAfter().toInstant(),
        leaf.getIssuerX500Principal().getName(),
        chain.getLast().getIssuerX500Principal().getName(),
        here);
  }

  private static String serial(X509Certificate certificate) {
    return certificate.getSerialNumber().toString(16);
  }
}
