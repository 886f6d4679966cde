package dev.meshctl.cli.local.process;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Stands for a proxy: {@code FakeGeneration HOW FILE} notes in FILE what it hears, and asks for
 * what stands in {@code FILE.order} once it is there.
 */
final class FakeGeneration {
  private FakeGeneration() {}

  public static void main(String[] words) throws Exception {
    Path heard = Path.of(words[1]);
    note(
        heard,
        "begun " + System.getenv("MESHCTL_GENERATION") + " " + ProcessHandle.current().pid());
    if (words[0].equals("crash")) {
      System.exit(3);
    }
    try (SocketChannel line =
        SocketChannel.open(UnixDomainSocketAddress.of(System.getenv("MESHCTL_SUPERVISOR")))) {
      if (!words[0].equals("hang")) {
        say(line, "ready");
      }
      Path order = Path.of(words[1] + ".order");
      Thread.ofPlatform().daemon().start(() -> ask(line, order));
      BufferedReader lines = new BufferedReader(Channels.newReader(line, StandardCharsets.UTF_8));
      for (String text = lines.readLine(); text != null; text = lines.readLine()) {
        note(heard, text);
        if (text.equals("leave")) {
          System.exit(0);
        }
      }
    }
  }

  private static void ask(SocketChannel line, Path order) {
    try {
      while (!Files.exists(order)) {
        Thread.sleep(10);
      }
      say(line, Files.readString(order));
    } catch (IOException | InterruptedException ended) {
      Thread.currentThread().interrupt();
    }
  }

  private static void say(SocketChannel line, String text) throws IOException {
    line.write(ByteBuffer.wrap((text + "\n").getBytes(StandardCharsets.UTF_8)));
  }

  private static void note(Path heard, String text) throws IOException {
    Files.writeString(heard, text + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
  }
}
