package dev.meshctl.dataplane.hardening;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A path reaches rules and upstream in one form, whatever the client wrote. */
class PathFormTest {
  @ParameterizedTest
  @CsvSource({
    "/a/../b, /b",
    "/a/./b, /a/b",
    "/../../b, /b",
    "/a/.., /",
    "/a/b/., /a/b/",
    "/a/%2e%2E/admin, /admin",
    "/%61dmin, /admin",
    "/a%2Fb, /a%2Fb",
    "/a%20b, /a%20b",
    "/a//b, /a//b",
    "/a/..?x=/../y, /?x=/../y",
    "/a/%zz/%2, /a/%zz/%2",
    "/%%361dmin, /%%361dmin",
    "/%6%31dmin, /%6%31dmin",
    "/%%25%61, /%%25a",
    "/.hidden/..a, /.hidden/..a",
    "/a%00b, 400"
  })
  void paths_leave_in_one_form(String sent, String seen) throws IOException {
    try (Tap tap = Tap.answering(Tap.OK);
        ProxyInFront proxy = new ProxyInFront(tap)) {
      String answer =
          proxy.exchange("GET " + sent + " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");

      assertThat(
              tap.heads().isEmpty()
                  ? answer.substring(9, 12)
                  : tap.heads().getFirst().split(" ")[1])
          .isEqualTo(seen);
    }
  }
}
