package dev.meshctl.model.compare;

import dev.meshctl.model.compare.Dimension.Choice;
import dev.meshctl.model.match.CompiledAccess;
import dev.meshctl.model.match.ConnectionFacts;
import dev.meshctl.model.match.RequestView;
import dev.meshctl.model.xds.AccessControl;
import dev.meshctl.model.xds.AccessRules;
import dev.meshctl.model.xds.AccessRules.Condition;
import dev.meshctl.model.xds.FilterChain.Cidr;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What is asked before a request is let in, on both sides: every kind of client against every kind
 * of request that the rules tell apart.
 *
 * <p>Thread: one.
 */
final class AccessDifference {
  /** Beyond this many questions of one client the rest is left out. */
  static final int MOST_QUESTIONS = 50_000;

  private static final String ELSEWHERE = "192.0.2.1";
  private static final String LOWEST = "0.0.0.1";

  private final Half before;
  private final Half after;
  private final boolean http;
  private final Set<String> limits;

  /**
   * One of the two.
   *
   * @param controls in order; empty where no such connection is taken
   * @param refused what becomes of it then
   */
  record Half(Optional<List<AccessControl>> controls, String refused) {
    /** What becomes of a request, with the policy that refuses it. */
    Verdict verdict(@Nullable RequestView request, ConnectionFacts facts) {
      if (controls.isEmpty()) {
        return new Verdict("refused: " + refused, "", "");
      }
      for (AccessControl control : controls.get()) {
        switch (CompiledAccess.compile(control).decide(request, facts)) {
          case CompiledAccess.Decision.Allowed() -> {}
          case CompiledAccess.Decision.Denied(var policy) -> {
            return new Verdict("denied", policy.isEmpty() ? ": no policy allows it" : "", policy);
          }
        }
      }
      return new Verdict("let in", "", "");
    }
  }

  /**
   * What it comes to.
   *
   * @param fate what the client sees; where that is the same nothing differs
   * @param why more of it, for people
   * @param policy that decided, by the name of its rule; empty where none did
   */
  record Verdict(String fate, String why, String policy) {
    String words() {
      return fate + why;
    }
  }

  /**
   * Who asks.
   *
   * @param namesBefore of its certificate; none for somebody in the clear
   */
  record Client(
      InetSocketAddress destination,
      boolean secure,
      List<String> namesBefore,
      List<String> namesAfter) {
    Client {
      namesBefore = List.copyOf(namesBefore);
      namesAfter = List.copyOf(namesAfter);
    }

    boolean isSame() {
      return namesBefore.equals(namesAfter);
    }

    private ConnectionFacts from(String address, List<String> names) {
      return new ConnectionFacts(
          destination, new InetSocketAddress(InetAddress.ofLiteral(address), 0), secure, "", names);
    }
  }

  /** Takes what differs. */
  @FunctionalInterface
  interface Found {
    /**
     * @param request null for a connection as such
     * @param source address of the client; empty where it does not matter
     */
    void differs(@Nullable Sample request, String source, Verdict before, Verdict after);
  }

  /**
   * @param http requests are asked one by one; else connections as such
   * @param limits takes what is not looked through
   */
  AccessDifference(Half before, Half after, boolean http, Set<String> limits) {
    this.before = before;
    this.after = after;
    this.http = http;
    this.limits = limits;
  }

  /** Nothing differs that anybody could notice; cheap, and not the last word. */
  boolean isSame() {
    return before
        .controls()
        .map(AccessDifference::decisions)
        .equals(after.controls().map(AccessDifference::decisions));
  }

  private record Decisions(AccessRules.Action action, Set<AccessRules.Policy> policies) {}

  private static List<Optional<Decisions>> decisions(List<AccessControl> controls) {
    return controls.stream()
        .map(control ->
            control
                .rules()
                .map(rules -> new Decisions(rules.action(), Set.copyOf(rules.policies().values()))))
        .toList();
  }

  /**
   * @param authorities that requests can have, the nicest first
   */
  void find(Client client, List<String> authorities, List<String> schemes, Found found) {
    RequestSpace space = new RequestSpace(authorities, schemes);
    Set<Dimension> asked = new LinkedHashSet<>();
    Set<String> sources = new LinkedHashSet<>();
    for (Half half : List.of(before, after)) {
      for (AccessControl control : half.controls().orElse(List.of())) {
        control
            .rules()
            .ifPresent(rules ->
                rules
                    .policies()
                    .values()
                    .forEach(policy -> {
                      policy.permissions().forEach(one -> read(one, space, asked, sources));
                      policy.principals().forEach(one -> read(one, space, asked, sources));
                    }));
      }
    }
    boolean sourcesMatter = !sources.isEmpty();
    sources.add(ELSEWHERE);
    if (sourcesMatter) {
      sources.add(LOWEST);
    }
    List<Dimension> dimensions = http ? List.copyOf(asked) : List.of();
    Search search = new Search(client, space, dimensions, sourcesMatter, found);
    for (String source : sources) {
      search.through(0, new HashMap<>(), source);
    }
    if (search.asked > MOST_QUESTIONS) {
      limits.add(
          "policies for %s: only the first %d kinds of requests were asked about"
              .formatted(authorities.getFirst(), MOST_QUESTIONS));
    }
    limits.addAll(space.limits());
  }

  /** Every combination of choices. */
  private final class Search {
    private final Client client;
    private final RequestSpace space;
    private final List<Dimension> dimensions;
    private final boolean sourcesMatter;
    private final Found found;
    private int asked;

    Search(
        Client client,
        RequestSpace space,
        List<Dimension> dimensions,
        boolean sourcesMatter,
        Found found) {
      this.client = client;
      this.space = space;
      this.dimensions = dimensions;
      this.sourcesMatter = sourcesMatter;
      this.found = found;
    }

    void through(int from, Map<Dimension, Choice> chosen, String source) {
      if (asked > MOST_QUESTIONS) {
        return;
      }
      if (from < dimensions.size()) {
        for (Choice choice : dimensions.get(from).choices()) {
          chosen.put(dimensions.get(from), choice);
          through(from + 1, chosen, source);
        }
        chosen.remove(dimensions.get(from));
        return;
      }
      asked++;
      Sample sample = http ? space.samples(chosen).getFirst() : null;
      RequestView view = sample == null ? null : sample.view();
      Verdict was = before.verdict(view, client.from(source, client.namesBefore()));
      Verdict is = after.verdict(view, client.from(source, client.namesAfter()));
      if (!was.fate().equals(is.fate())) {
        found.differs(sample, sourcesMatter ? source : "", was, is);
      }
    }
  }

  private void read(
      Condition condition, RequestSpace space, Set<Dimension> asked, Set<String> sources) {
    switch (condition) {
      case Condition.Always() -> {}
      case Condition.All(var of) -> of.forEach(one -> read(one, space, asked, sources));
      case Condition.AnyOf(var of) -> of.forEach(one -> read(one, space, asked, sources));
      case Condition.Not(var of) -> read(of, space, asked, sources);
      case Condition.Header(var match) -> asked.add(space.of(match).on());
      case Condition.UrlPath(var match) -> asked.add(space.path(match).on());
      // Of the server and of the client: they are what they are.
      case Condition.DestinationIp(var range) -> {}
      case Condition.DestinationPort(int first, int end) -> {}
      case Condition.Authenticated(var name) -> {}
      case Condition.ServerName(var match) ->
          limits.add("server names of TLS (connection.sni) are not looked through");
      case Condition.SourceIp(var which, Cidr range) -> {
        sources.add(range.address());
        sources.add(after(range));
        if (which == AccessRules.Which.REMOTE) {
          limits.add("of addresses in x-forwarded-for only that of the connection is looked at");
        }
      }
    }
  }

  /** The address after the last of a range: ranges begin and end nowhere else. */
  private static String after(Cidr range) {
    byte[] bytes = InetAddress.ofLiteral(range.address()).getAddress();
    BigInteger size = BigInteger.ONE.shiftLeft(bytes.length * Byte.SIZE - range.prefixLength());
    BigInteger first = new BigInteger(1, bytes).divide(size).multiply(size);
    byte[] after = first.add(size).toByteArray();
    byte[] address = new byte[bytes.length];
    int length = Math.min(after.length, address.length);
    System.arraycopy(after, after.length - length, address, address.length - length, length);
    try {
      return InetAddress.getByAddress(address).getHostAddress();
    } catch (UnknownHostException ofThatLength) {
      throw new IllegalStateException(ofThatLength);
    }
  }
}
