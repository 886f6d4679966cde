package dev.meshctl.cli.security;

import dev.meshctl.identity.TrustFolder.Phase;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * What comes next while one root takes the place of another, by what the files say and what was
 * seen of the mesh. Pure: somebody else looks and does.
 *
 * <p>No certificate is presented to somebody who does not trust its root: the new root signs when
 * all trust it, and the old one goes when nobody holds a certificate of it.
 */
final class Rotation {
  private Rotation() {}

  /** What to do. */
  sealed interface Next {
    /** The control plane works by files that are not those of now. */
    record Restart() implements Next {}

    /**
     * @param until in words
     * @param whom proxies that are not as far yet
     */
    record Wait(String until, List<String> whom) implements Next {
      public Wait {
        whom = List.copyOf(whom);
      }
    }

    /** All trust the new root: it may sign. */
    record Swap() implements Next {}

    /** Nobody holds a certificate of the root that signs no more: it may go. */
    record Finish() implements Next {}

    record Done() implements Next {}
  }

  /**
   * The files.
   *
   * @param signing name of the root that signs
   * @param trusted names of all that are trusted
   */
  record Files(Phase phase, String signing, Set<String> trusted) {
    Files {
      trusted = Set.copyOf(trusted);
    }
  }

  /**
   * The mesh.
   *
   * @param signing name of the root by which the control plane signs
   * @param trusted names of those that it tells proxies to trust
   * @param proxies node ids of all that there are
   * @param trusting of them, those that have acknowledged what it tells
   * @param held certificates in use
   */
  record Seen(
      String signing,
      Set<String> trusted,
      Set<String> proxies,
      Set<String> trusting,
      List<Held> held) {
    Seen {
      trusted = Set.copyOf(trusted);
      proxies = Set.copyOf(proxies);
      trusting = Set.copyOf(trusting);
      held = List.copyOf(held);
    }
  }

  /**
   * @param proxy node id, empty where nobody has been seen with it
   * @param holder to be named
   * @param root its name
   */
  record Held(String proxy, String holder, String root) {}

  static Next next(Files files, Seen seen) {
    if (!seen.signing().equals(files.signing()) || !seen.trusted().equals(files.trusted())) {
      return new Next.Restart();
    }
    List<String> untrusting = without(seen.proxies(), seen.trusting());
    if (!untrusting.isEmpty()) {
      return new Next.Wait(
          files.trusted().size() > 1 ? "they trust both roots" : "they trust the one root",
          untrusting);
    }
    return switch (files.phase()) {
      case STEADY -> new Next.Done();
      case SPREADING -> new Next.Swap();
      case RENEWING -> {
        List<String> old = old(files, seen);
        yield old.isEmpty()
            ? new Next.Finish()
            : new Next.Wait("they hold certificates of the root that signs", old);
      }
    };
  }

  /** Who holds a certificate of another root, or has not been seen with one of this. */
  private static List<String> old(Files files, Seen seen) {
    Set<String> renewed = new TreeSet<>();
    Set<String> old = new TreeSet<>();
    for (Held held : seen.held()) {
      if (held.root().equals(files.signing())) {
        renewed.add(held.proxy());
      } else {
        old.add(held.proxy().isEmpty() ? held.holder() : held.proxy());
      }
    }
    old.addAll(without(seen.proxies(), renewed));
    return List.copyOf(old);
  }

  private static List<String> without(Collection<String> all, Set<String> these) {
    List<String> left = new ArrayList<>(new TreeSet<>(all));
    left.removeAll(these);
    return left;
  }
}
