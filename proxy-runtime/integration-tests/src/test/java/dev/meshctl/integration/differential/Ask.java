package dev.meshctl.integration.differential;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A request as bytes go on the wire.
 *
 * @param target as it stands in the request line
 */
record Ask(String method, String target, String host, List<Field> fields) {
  private static final int PATIENCE_MILLIS = 10_000;

  /** A header. */
  record Field(String name, String value) {}

  Ask {
    fields = List.copyOf(fields);
  }

  Ask with(String name, String value) {
    List<Field> more = new ArrayList<>(fields);
    more.add(new Field(name, value));
    return new Ask(method, target, host, more);
  }

  Ask without(String name) {
    return new Ask(
        method, target, host, fields.stream().filter(f -> !f.name().equals(name)).toList());
  }

  Ask withMethod(String other) {
    return new Ask(other, target, host, fields);
  }

  Ask withTarget(String other) {
    return new Ask(method, other, host, fields);
  }

  Ask withHost(String other) {
    return new Ask(method, target, other, fields);
  }

  /** What is answered, on a connection of its own. */
  Answer at(InetSocketAddress address) throws IOException {
    StringBuilder head = new StringBuilder();
    head.append(method).append(' ').append(target).append(" HTTP/1.1\r\nhost: ").append(host);
    for (Field field : fields) {
      head.append("\r\n").append(field.name()).append(": ").append(field.value());
    }
    head.append("\r\nconnection: close\r\n\r\n");
    try (Socket socket = new Socket(address.getAddress(), address.getPort())) {
      socket.setSoTimeout(PATIENCE_MILLIS);
      socket.getOutputStream().write(head.toString().getBytes(StandardCharsets.ISO_8859_1));
      return Answer.read(method, new BufferedInputStream(socket.getInputStream()));
    } catch (SocketTimeoutException silent) {
      return new Answer(0, Map.of(), List.of("no answer in time"));
    }
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder(method + " " + target + " host=" + host);
    fields.forEach(f -> text.append(' ').append(f.name()).append('=').append(f.value()));
    return text.toString();
  }
}
