package dev.meshctl.dataplane.upstream;

import dev.meshctl.model.xds.ConnectionLife.Keepalive;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.epoll.EpollChannelOption;
import java.util.Optional;

/**
 * When the kernel asks whether a peer that says nothing is still there. With another transport than
 * epoll, as the system says.
 *
 * <p>Thread: any; stateless.
 */
public final class KeepAlive {
  private KeepAlive() {}

  public static void of(Channel channel, Optional<Keepalive> wanted) {
    if (wanted.isPresent()) {
      set(channel, EpollChannelOption.TCP_KEEPIDLE, wanted.get().timeSeconds());
      set(channel, EpollChannelOption.TCP_KEEPINTVL, wanted.get().intervalSeconds());
      set(channel, EpollChannelOption.TCP_KEEPCNT, wanted.get().probes());
    }
  }

  private static void set(Channel channel, ChannelOption<Integer> option, int value) {
    if (value > 0) {
      channel.config().setOption(option, value);
    }
  }
}
