package dev.meshctl.samples;

import bookshop.v1.RatingReply;
import bookshop.v1.RatingRequest;
import bookshop.v1.RatingsGrpc;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.services.HealthStatusManager;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/** How readers rate books, over gRPC, with the standard health service beside it. */
final class Ratings extends RatingsGrpc.RatingsImplBase {
  static final int PORT = 9090;
  private static final int DRAIN_SECONDS = 2;

  private final Settings settings;

  private Ratings(Settings settings) {
    this.settings = settings;
  }

  static RunningService start(Settings settings) throws IOException {
    HealthStatusManager health = new HealthStatusManager();
    Server server =
        NettyServerBuilder.forAddress(settings.bind())
            .addService(new Ratings(settings))
            .addService(health.getHealthService())
            .executor(Executors.newVirtualThreadPerTaskExecutor())
            .build()
            .start();
    return new Running(server, health);
  }

  @Override
  public void ratingOf(RatingRequest request, StreamObserver<RatingReply> observer) {
    var book = Shelf.book(Integer.toString(request.getBook()));
    if (book.isEmpty()) {
      observer.onError(
          Status.NOT_FOUND.withDescription("book " + request.getBook()).asRuntimeException());
      return;
    }
    observer.onNext(
        RatingReply.newBuilder()
            .setStars(book.get().stars())
            .setVotes(book.get().votes())
            .setServedBy(settings.instance())
            .build());
    observer.onCompleted();
  }

  private record Running(Server server, HealthStatusManager health) implements RunningService {
    @Override
    public int port() {
      return server.getPort();
    }

    @Override
    public void close() {
      health.enterTerminalState();
      server.shutdown();
      try {
        if (!server.awaitTermination(DRAIN_SECONDS, TimeUnit.SECONDS)) {
          server.shutdownNow();
        }
      } catch (InterruptedException e) {
        server.shutdownNow();
        Thread.currentThread().interrupt();
      }
    }
  }
}
