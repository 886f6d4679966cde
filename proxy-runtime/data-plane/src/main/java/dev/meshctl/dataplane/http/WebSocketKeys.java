package dev.meshctl.dataplane.http;

import dev.meshctl.model.match.Bytes;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.random.RandomGenerator;

/**
 * The keys of WebSocket's handshake over HTTP/1.1 (RFC 6455 4.2.2), which HTTP/2 does without (RFC
 * 8441 5): whoever stands between the two makes them up and answers them.
 *
 * <p>Thread: any; stateless.
 */
public final class WebSocketKeys {
  static final String KEY = "sec-websocket-key";
  static final String ACCEPT = "sec-websocket-accept";
  private static final String SALT = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  private static final int KEY_BYTES = 16;

  private WebSocketKeys() {}

  /** Gives {@code request} the key that an HTTP/1.1 server asks for, where it is a WebSocket's. */
  public static void complete(RequestHead request, RandomGenerator dice) {
    if (isWebSocket(request) && request.value(KEY) == null) {
      byte[] key = new byte[KEY_BYTES];
      dice.nextBytes(key);
      request.add(KEY, Base64.getEncoder().encodeToString(key));
    }
  }

  private static boolean isWebSocket(RequestHead request) {
    Bytes protocol = request.value("upgrade");
    return request.upgrade()
        && protocol != null
        && protocol.toString().equalsIgnoreCase("websocket");
  }

  /** What a server answers to {@code key}. */
  static String accept(String key) {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-1")
              .digest((key + SALT).getBytes(StandardCharsets.ISO_8859_1));
      return Base64.getEncoder().encodeToString(hash);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
