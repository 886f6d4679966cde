package dev.meshctl.net.loop;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Runs inside a namespace with a REDIRECT rule; prints where a connection was going. */
public final class OriginalDestinationProbe {
  private OriginalDestinationProbe() {}

  /**
   * @param arguments address and port to connect to, port to listen at
   */
  public static void main(String[] arguments) throws Exception {
    CompletableFuture<String> seen = new CompletableFuture<>();
    try (Loops loops = Loops.start(1, "probe")) {
      loops
          .transport()
          .on(new ServerBootstrap(), false)
          .group(loops.all().getFirst())
          .childHandler(
              new ChannelInitializer<Channel>() {
                @Override
                protected void initChannel(Channel channel) {
                  seen.complete(OriginalDestination.of(channel).toString());
                }
              })
          .bind(new InetSocketAddress("::", Integer.parseInt(arguments[2])))
          .sync();
      try (Socket socket =
          new Socket(InetAddress.getByName(arguments[0]), Integer.parseInt(arguments[1]))) {
        System.out.println(loops.transport() + " " + seen.get(10, TimeUnit.SECONDS));
      }
    }
  }
}
