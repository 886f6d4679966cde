package dev.meshctl.samples;

import bookshop.v1.RatingReply;
import bookshop.v1.RatingRequest;
import bookshop.v1.RatingsGrpc;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.MetadataUtils;
import java.io.IOException;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/**
 * What readers say, {@code /reviews/ID}, in three versions: v1 has words only, v2 adds black stars
 * and v3 red ones, which they ask the ratings service for.
 */
final class Reviews {
  static final int PORT = 9080;
  private static final int TIMEOUT_SECONDS = 15;

  private Reviews() {}

  static RunningService start(Settings settings) throws IOException {
    return switch (settings.version()) {
      case "v1" -> HttpService.start(settings, (path, trace) -> answer(settings, path, ""));
      case "v2" -> starred(settings, "black");
      case "v3" -> starred(settings, "red");
      case String other ->
          throw new IllegalArgumentException("SERVICE_VERSION: " + other + " (expected: v1 to v3)");
    };
  }

  private static RunningService starred(Settings settings, String colour) throws IOException {
    ManagedChannel channel = channel(settings.address("ratings", Ratings.PORT));
    RatingsGrpc.RatingsBlockingStub ratings = RatingsGrpc.newBlockingStub(channel);
    HttpService service =
        HttpService.start(
            settings,
            (path, trace) -> {
              String id = path.substring(path.lastIndexOf('/') + 1);
              if (Shelf.book(id).isEmpty()) {
                return Answer.notFound("book " + id);
              }
              return answer(settings, path, stars(ratings, id, trace, colour));
            });
    return With.alsoClose(service, channel::shutdownNow);
  }

  /**
   * Whatever address the environment gives, the service is asked for by its name: an address says
   * where, the authority says who.
   */
  private static ManagedChannel channel(Settings.Address address) {
    return NettyChannelBuilder.forAddress(address.host(), address.port())
        .overrideAuthority("ratings:" + Ratings.PORT)
        .usePlaintext()
        .executor(Executors.newVirtualThreadPerTaskExecutor())
        .build();
  }

  private static String stars(
      RatingsGrpc.RatingsBlockingStub ratings, String id, TraceContext trace, String colour)
      throws IOException {
    try {
      RatingReply reply =
          ratings
              .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(trace.metadata()))
              .withDeadlineAfter(TIMEOUT_SECONDS, TimeUnit.SECONDS)
              .ratingOf(RatingRequest.newBuilder().setBook(Integer.parseInt(id)).build());
      return ",\"stars\":{\"colour\":\"%s\",\"mean\":%s,\"votes\":%d,\"servedBy\":%s}"
          .formatted(colour, reply.getStars(), reply.getVotes(), Json.string(reply.getServedBy()));
    } catch (StatusRuntimeException e) {
      Throwable cause = e.getStatus().getCause();
      throw new IOException(
          "ratings: "
              + e.getStatus().getCode()
              + " "
              + (cause == null ? e.getStatus().getDescription() : cause.getMessage()),
          e);
    }
  }

  private static Answer answer(Settings settings, String path, String stars) {
    String id = path.substring(path.lastIndexOf('/') + 1);
    if (!path.startsWith("/reviews/") || Shelf.book(id).isEmpty()) {
      return Answer.notFound(path);
    }
    return Answer.json(
        200,
        "{\"version\":%s,\"servedBy\":%s,\"text\":\"An extremely entertaining book.\"%s}"
            .formatted(Json.string(settings.version()), Json.string(settings.instance()), stars));
  }
}
