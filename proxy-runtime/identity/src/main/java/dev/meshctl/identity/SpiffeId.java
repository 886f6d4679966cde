package dev.meshctl.identity;

import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A workload's identity as Istio spells it in SPIFFE: {@code
 * spiffe://TRUSTDOMAIN/ns/NAMESPACE/sa/SERVICEACCOUNT}.
 */
public record SpiffeId(String trustDomain, String namespace, String serviceAccount) {
  private static final String NAME = "[A-Za-z0-9][A-Za-z0-9._-]{0,252}";
  private static final Pattern FORM =
      Pattern.compile("spiffe://(" + NAME + ")/ns/(" + NAME + ")/sa/(" + NAME + ")");
  private static final Pattern PART = Pattern.compile(NAME);

  /** {@code GeneralName} of type URI (RFC 5280, 4.2.1.6). */
  private static final int URI_NAME = 6;

  public SpiffeId {
    check("trust domain", trustDomain);
    check("namespace", namespace);
    check("service account", serviceAccount);
  }

  /** Empty where {@code uri} has another form. */
  public static Optional<SpiffeId> parse(String uri) {
    Matcher m = FORM.matcher(uri);
    return m.matches()
        ? Optional.of(new SpiffeId(m.group(1), m.group(2), m.group(3)))
        : Optional.empty();
  }

  /** The one URI SAN of a certificate; empty where it has none, several, or one of another form. */
  public static Optional<SpiffeId> of(X509Certificate certificate) {
    try {
      Collection<List<?>> names = certificate.getSubjectAlternativeNames();
      if (names == null) {
        return Optional.empty();
      }
      List<String> uris =
          names.stream()
              .filter(n -> Integer.valueOf(URI_NAME).equals(n.getFirst()))
              .map(n -> String.valueOf(n.get(1)))
              .toList();
      return uris.size() == 1 ? parse(uris.getFirst()) : Optional.empty();
    } catch (CertificateParsingException malformed) {
      return Optional.empty();
    }
  }

  @Override
  public String toString() {
    return "spiffe://" + trustDomain + "/ns/" + namespace + "/sa/" + serviceAccount;
  }

  private static void check(String what, String part) {
    if (!PART.matcher(part).matches()) {
      throw new IllegalArgumentException(
          what + ": '" + part + "' (expected: letters, digits, '.', '_', '-')");
    }
  }
}
