package dev.meshctl.model.match;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** A view as strict as its contract allows: each call spoils what the one before returned. */
final class MovingRequest implements RequestView {
  private final RequestView request;
  private final Bytes current = new Bytes();

  MovingRequest(RequestView request) {
    this.request = request;
  }

  private Bytes move(Bytes value) {
    Arrays.fill(current.array(), (byte) '!');
    byte[] copy = new byte[value.length() + 3];
    System.arraycopy(value.array(), value.offset(), copy, 2, value.length());
    return current.aim(copy, 2, value.length());
  }

  @Override
  public Bytes method() {
    return move(request.method());
  }

  @Override
  public Bytes path() {
    return move(request.path());
  }

  @Override
  public Bytes authority() {
    return move(request.authority());
  }

  @Override
  public Bytes scheme() {
    return move(request.scheme());
  }

  @Override
  public @Nullable Bytes header(String lowerCaseName) {
    Bytes value = request.header(lowerCaseName);
    if (value == null) {
      move(Bytes.copyOf(""));
      return null;
    }
    return move(value);
  }
}
