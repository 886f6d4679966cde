package dev.meshctl.net.handover;

import dev.meshctl.model.xds.SocketEndpoint;
import dev.meshctl.net.handover.Handed.Use;
import dev.meshctl.net.loop.Transport;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.function.Predicate;

/**
 * The sockets that came from another process and that nobody has taken up yet. What is left when it
 * is closed, the other process listens with alone.
 *
 * <p>Thread: any.
 */
public final class Inheritance implements AutoCloseable {
  private final List<Handed> left;

  /**
   * @param all takes their descriptors
   */
  public Inheritance(List<Handed> all) {
    left = new ArrayList<>(all);
  }

  /** Nothing. */
  public static Inheritance none() {
    return new Inheritance(List.of());
  }

  /** Descriptors of sockets for {@code use} at {@code at}; they are the caller's from now on. */
  public List<Integer> take(Use use, SocketEndpoint at) {
    return take(each -> each.use() == use && each.at().equals(at));
  }

  /** Descriptors of the sockets of this kind. */
  public synchronized List<Integer> take(Predicate<Handed> which) {
    List<Integer> taken = new ArrayList<>();
    for (Iterator<Handed> each = left.iterator(); each.hasNext(); ) {
      Handed next = each.next();
      if (which.test(next)) {
        taken.add(next.descriptor());
        each.remove();
      }
    }
    return taken;
  }

  @Override
  public synchronized void close() {
    left.forEach(each -> Transport.close(each.descriptor()));
    left.clear();
  }
}
