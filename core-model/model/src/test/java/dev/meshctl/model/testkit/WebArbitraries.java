package dev.meshctl.model.testkit;

import dev.meshctl.model.explain.Question;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Tuple;

/**
 * Rules, policies and requests around a service {@code web} in {@code default}, which has the
 * versions v1 and v2 and listens at 80.
 */
public final class WebArbitraries {
  /** Names the versions. */
  public static final String SUBSETS =
      """
      ---
      apiVersion: networking.istio.io/v1
      kind: DestinationRule
      metadata: {name: web, namespace: default}
      spec:
        host: web
        subsets: [{name: v1, labels: {version: v1}}, {name: v2, labels: {version: v2}}]
      """;

  private WebArbitraries() {}

  /** Items for {@link MeshText#rules}. */
  public static Arbitrary<String> rules() {
    Arbitrary<String> uris =
        Arbitraries.of(
            "",
            "uri: {exact: /a}",
            "uri: {prefix: /a}",
            "uri: {prefix: /a/}",
            "uri: {prefix: /b}",
            "uri: {regex: '/[ab]/[0-9]+'}",
            "uri: {regex: '.*7'}",
            "uri: {exact: /A}, ignoreUriCase: true");
    Arbitrary<String> more =
        Arbitraries.of(
            "",
            "headers: {x-user: {exact: mary}}",
            "headers: {x-user: {prefix: ma}}",
            "headers: {x-user: {regex: '.*y'}}",
            "withoutHeaders: {x-user: {}}",
            "withoutHeaders: {x-user: {exact: joe}}",
            "method: {exact: POST}",
            "queryParams: {q: {exact: '1'}}",
            "authority: {exact: web}",
            "authority: {prefix: 'web.'}");
    Arbitrary<String> actions =
        Arbitraries.of(
            "route: [{destination: {host: web, subset: v1}}]",
            "route: [{destination: {host: web, subset: v2}}]",
            "route: [{destination: {host: web}}]",
            "rewrite: {uri: /new}, route: [{destination: {host: web, subset: v1}}]",
            "rewrite: {uri: /}, route: [{destination: {host: web, subset: v1}}]",
            "rewrite: {uriRegexRewrite: {match: 'a', rewrite: 'b'}},"
                + " route: [{destination: {host: web, subset: v1}}]",
            "timeout: 1s, route: [{destination: {host: web, subset: v1}}]",
            "route: [{destination: {host: web, subset: v1}, weight: 1},"
                + " {destination: {host: web, subset: v2}, weight: 2}]",
            "route: [{destination: {host: web, subset: v2}, weight: 20},"
                + " {destination: {host: web, subset: v1}, weight: 10}]",
            "redirect: {uri: /else, redirectCode: 308}",
            "redirect: {authority: other.example}",
            "directResponse: {status: 418, body: {string: tea}}");
    // Most conditions are met by few requests, so that some rules must ask for little.
    return Combinators.combine(seldom(uris), seldom(more), actions)
        .as((uri, condition, action) -> {
          List<String> match = new ArrayList<>(List.of(uri, condition));
          match.removeIf(String::isEmpty);
          return "- {"
              + (match.isEmpty() ? "" : "match: [{" + String.join(", ", match) + "}], ")
              + action
              + "}\n";
        });
  }

  private static Arbitrary<String> seldom(Arbitrary<String> condition) {
    return Arbitraries.frequencyOf(Tuple.of(1, Arbitraries.just("")), Tuple.of(2, condition));
  }

  /** The {@code spec} of an AuthorizationPolicy for the service. */
  public static Arbitrary<String> policies() {
    Arbitrary<String> operations =
        Arbitraries.of(
            "",
            "methods: [POST]",
            "methods: [GET]",
            "paths: [/a]",
            "paths: [/a*]",
            "notPaths: ['*7']",
            "paths: ['/{*}/12']",
            "hosts: [web]");
    Arbitrary<String> sources =
        Arbitraries.of(
            "",
            "principals: [cluster.local/ns/default/sa/other]",
            "principals: ['*/sa/default']",
            "notPrincipals: [cluster.local/ns/default/sa/other]",
            "namespaces: [default]");
    return Combinators.combine(Arbitraries.of("ALLOW", "DENY"), operations, sources)
        .as((action, operation, source) ->
            "spec:\n  selector: {matchLabels: {app: web}}\n  action: "
                + action
                + "\n  rules:\n    - {"
                + (operation.isEmpty() ? "" : "to: [{operation: {" + operation + "}}]")
                + (operation.isEmpty() || source.isEmpty() ? "" : ", ")
                + (source.isEmpty() ? "" : "from: [{source: {" + source + "}}]")
                + "}\n");
  }

  /** Requests that some of the rules and policies are about. */
  public static Arbitrary<Question> questions(String... from) {
    return Combinators.combine(
            Arbitraries.of(from),
            Arbitraries.of("GET", "POST", "PUT"),
            Arbitraries.of(
                "/",
                "/a",
                "/A",
                "/a/",
                "/a/7",
                "/ab",
                "/b",
                "/b/12",
                "/a?q=1",
                "/b?q=1&q=2",
                "/c",
                "/c/7?q=1",
                "/new"),
            Arbitraries.of("", "mary", "mark", "joe", "y"),
            Arbitraries.of("web", "web:80", "web.default", "WEB"))
        .as((client, method, path, user, host) ->
            new Question(
                client,
                "web:80",
                method,
                path,
                user.isEmpty() ? Map.of("host", host) : Map.of("host", host, "x-user", user)));
  }
}
