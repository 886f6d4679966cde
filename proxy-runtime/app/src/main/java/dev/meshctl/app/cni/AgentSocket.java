package dev.meshctl.app.cni;

import dev.meshctl.net.loop.Loops;
import dev.meshctl.net.loop.Transport;
import dev.meshctl.net.loop.UnixServer;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.unix.DomainSocketReadMode;
import io.netty.channel.unix.FileDescriptor;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * Where the plugin reaches the agent: a Unix socket in a folder of the node, which only root may
 * write to. What is said there stands in {@code meshctl-cni.c}: a byte with the descriptor of a
 * network namespace, our {@code +}, {@code COMMAND BYTES POD} on a line and the bytes; we answer
 * {@code 0} or {@code 1} on a line and what the plugin is to print.
 *
 * <p>Thread: any; the loop is the caller's.
 */
final class AgentSocket implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(AgentSocket.class.getName());
  private static final int BACKLOG = 128;
  private static final int MOST_BYTES = 4 << 20;
  private static final int HEAD_BYTES = 1024;

  private final UnixServer server;

  /**
   * What the plugin asks.
   *
   * @param command {@code ADD}, {@code CHECK}, or {@code READY} of our own probe
   * @param pod for a log
   * @param network descriptor of this process, of the pod's network namespace
   */
  record Question(String command, String pod, int network, String configuration) {}

  /**
   * @param text what the plugin prints
   */
  record Answer(boolean well, String text) {}

  /** Answers; each question on a thread of its own, which may block. */
  interface Answering {
    Answer answer(Question question);
  }

  /**
   * Begins to listen.
   *
   * @throws IOException where it cannot, or somebody else does
   */
  AgentSocket(Loops loops, Path path, Answering answering) throws IOException {
    if (!loops.transport().handsOver()) {
      throw new IOException("the node agent needs Netty's epoll transport, which is not here");
    }
    this.server =
        UnixServer.open(
            loops,
            path,
            BACKLOG,
            new ChannelInitializer<Channel>() {
              @Override
              protected void initChannel(Channel channel) {
                readDescriptors(channel, true);
                channel.pipeline().addLast(new Turn(answering));
              }
            });
  }

  private static void readDescriptors(Channel channel, boolean descriptors) {
    if (channel instanceof EpollDomainSocketChannel unix) {
      unix.config()
          .setReadMode(
              descriptors ? DomainSocketReadMode.FILE_DESCRIPTORS : DomainSocketReadMode.BYTES);
    }
  }

  /** One question. Confined to its loop, but for the answering. */
  private static final class Turn extends ChannelInboundHandlerAdapter {
    private static final int NONE = -1;

    private final Answering answering;
    private final ByteBuf received = Unpooled.buffer();
    private int network = NONE;

    Turn(Answering answering) {
      this.answering = answering;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      if (message instanceof FileDescriptor descriptor) {
        if (network != NONE) {
          Transport.close(descriptor.intValue());
          return;
        }
        network = descriptor.intValue();
        // Not within this read, which would take the next byte for one with a descriptor.
        ctx.executor()
            .execute(() -> {
              readDescriptors(ctx.channel(), false);
              ctx.writeAndFlush(text("+"));
            });
      } else if (message instanceof ByteBuf bytes) {
        received.writeBytes(bytes);
        bytes.release();
        if (received.readableBytes() > MOST_BYTES + HEAD_BYTES) {
          ctx.close();
          return;
        }
        asked(ctx);
      }
    }

    private void asked(ChannelHandlerContext ctx) {
      int line = received.indexOf(0, received.writerIndex(), (byte) '\n');
      if (line < 0) {
        return;
      }
      String[] head = received.toString(0, line, StandardCharsets.UTF_8).split(" ", 3);
      if (head.length < 3 || !head[1].matches("\\d{1,7}")) {
        ctx.close();
        return;
      }
      int length = Integer.parseInt(head[1]);
      if (received.writerIndex() < line + 1 + length) {
        return;
      }
      String configuration = received.toString(line + 1, length, StandardCharsets.UTF_8);
      Question question = new Question(head[0], head[2], network, configuration);
      network = NONE;
      Thread.ofVirtual().name("cni").start(() -> answer(ctx, question));
    }

    private void answer(ChannelHandlerContext ctx, Question question) {
      try {
        Answer answer = answering.answer(question);
        ctx.writeAndFlush(text((answer.well() ? "0" : "1") + "\n" + answer.text()))
            .addListener(ChannelFutureListener.CLOSE);
      } finally {
        Transport.close(question.network());
      }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
      received.release();
      if (network != NONE) {
        Transport.close(network);
        network = NONE;
      }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      LOG.log(System.Logger.Level.WARNING, "a call of the plugin broke off: " + cause.getMessage());
      ctx.close();
    }
  }

  private static ByteBuf text(String text) {
    return Unpooled.copiedBuffer(text, StandardCharsets.UTF_8);
  }

  /** Nobody is answered any more; the file is gone. */
  @Override
  public void close() {
    server.close();
  }
}
