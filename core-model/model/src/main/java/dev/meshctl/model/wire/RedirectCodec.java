package dev.meshctl.model.wire;

import dev.meshctl.model.xds.RouteTableConfig.RouteAction.Redirect;
import dev.meshctl.model.xds.route.PathRewrite;
import io.envoyproxy.envoy.config.route.v3.RedirectAction;
import io.envoyproxy.envoy.config.route.v3.RedirectAction.RedirectResponseCode;
import java.util.Optional;

/** {@link Redirect} to and from {@code RedirectAction}. */
final class RedirectCodec {
  private static final KnownFields REDIRECT =
      KnownFields.of(
          RedirectAction.getDescriptor(),
          "https_redirect",
          "scheme_redirect",
          "host_redirect",
          "port_redirect",
          "path_redirect",
          "prefix_rewrite",
          "regex_rewrite",
          "strip_query",
          "response_code");

  private RedirectCodec() {}

  /**
   * The message.
   *
   * @throws IllegalArgumentException for a status that is no redirect
   */
  static RedirectAction encode(Redirect redirect) {
    RedirectAction.Builder message =
        RedirectAction.newBuilder()
            .setHostRedirect(redirect.host())
            .setPortRedirect(redirect.port())
            .setStripQuery(redirect.stripQuery())
            .setResponseCode(code(redirect.status()));
    if (!redirect.scheme().isEmpty()) {
      message.setSchemeRedirect(redirect.scheme());
    }
    redirect
        .path()
        .ifPresent(path -> {
          switch (path) {
            case PathRewrite.Prefix(var replacement) -> message.setPrefixRewrite(replacement);
            case PathRewrite.Full(var full) -> message.setPathRedirect(full);
            case PathRewrite.Regex(var pattern, var substitution) ->
                message.setRegexRewrite(ForwardCodec.encode(pattern, substitution));
          }
        });
    return message.build();
  }

  private static RedirectResponseCode code(int status) {
    return switch (status) {
      case 301 -> RedirectResponseCode.MOVED_PERMANENTLY;
      case 302 -> RedirectResponseCode.FOUND;
      case 303 -> RedirectResponseCode.SEE_OTHER;
      case 307 -> RedirectResponseCode.TEMPORARY_REDIRECT;
      case 308 -> RedirectResponseCode.PERMANENT_REDIRECT;
      default ->
          throw new IllegalArgumentException(
              "status: " + status + " (expected: 301, 302, 303, 307 or 308)");
    };
  }

  static Redirect decode(Reading reading, String path, RedirectAction message) {
    reading.expect(path, message, REDIRECT);
    Optional<PathRewrite> rewrite =
        switch (message.getPathRewriteSpecifierCase()) {
          case PATH_REDIRECT -> Optional.of(new PathRewrite.Full(message.getPathRedirect()));
          case PREFIX_REWRITE -> Optional.of(new PathRewrite.Prefix(message.getPrefixRewrite()));
          case REGEX_REWRITE ->
              Optional.of(
                  new PathRewrite.Regex(
                      message.getRegexRewrite().getPattern().getRegex(),
                      message.getRegexRewrite().getSubstitution()));
          case PATHREWRITESPECIFIER_NOT_SET -> Optional.empty();
        };
    int status =
        switch (message.getResponseCode()) {
          case MOVED_PERMANENTLY -> 301;
          case FOUND -> 302;
          case SEE_OTHER -> 303;
          case TEMPORARY_REDIRECT -> 307;
          case PERMANENT_REDIRECT -> 308;
          case UNRECOGNIZED -> {
            reading.refuse(path + ".response_code", "unknown value (expected: a redirect)");
            yield 301;
          }
        };
    return new Redirect(
        message.getHttpsRedirect() ? "https" : message.getSchemeRedirect(),
        message.getHostRedirect(),
        Reading.unsigned(message.getPortRedirect()),
        rewrite,
        status,
        message.getStripQuery());
  }
}
