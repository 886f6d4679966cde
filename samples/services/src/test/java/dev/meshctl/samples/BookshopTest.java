package dev.meshctl.samples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BookshopTest {
  private final Shop shop = new Shop();

  @AfterEach
  void close_the_shop() throws Exception {
    shop.close();
  }

  @ParameterizedTest
  @CsvSource({"v1, ''", "v2, black", "v3, red"})
  void a_page_holds_book_stock_and_the_reviews_of_the_version_asked(String version, String colour)
      throws Exception {
    HttpResponse<String> page = shop.get(storefront(version), "/books/3");
    assertThat(page.statusCode()).isEqualTo(200);
    assertThat(page.body())
        .contains("\"title\":\"Frankenstein\"")
        .contains("\"inStock\":31")
        .contains("\"version\":\"" + version + "\"");
    if (colour.isEmpty()) {
      assertThat(page.body()).doesNotContain("stars");
    } else {
      assertThat(page.body())
          .contains("\"stars\":{\"colour\":\"" + colour + "\",\"mean\":4.4,\"votes\":512");
    }
  }

  @Test
  void the_home_page_is_for_people_and_the_list_for_programs() throws Exception {
    int storefront = storefront("v1");
    HttpResponse<String> home = shop.get(storefront, "/");
    assertThat(home.headers().firstValue("content-type").orElse("")).startsWith("text/html");
    assertThat(home.body()).contains("Book of the day");
    assertThat(shop.get(storefront, "/books").body()).contains("Walden").startsWith("[{\"id\":1");
    assertThat(shop.get(storefront, "/recommendations").body()).contains("Walden");
    assertThat(shop.get(storefront, "/healthz").statusCode()).isEqualTo(200);
    assertThat(shop.get(storefront, "/books/99").statusCode()).isEqualTo(404);
  }

  @Test
  void a_dependency_that_is_away_fails_the_page_and_is_named() throws Exception {
    int reviews =
        shop.start(
            "reviews",
            "v3",
            Map.of("RATINGS_SERVICE_HOST", "127.0.0.1", "RATINGS_SERVICE_PORT", "1"));
    HttpResponse<String> review = shop.get(reviews, "/reviews/1");
    assertThat(review.statusCode()).isEqualTo(502);
    assertThat(review.body()).contains("ratings: ").contains("UNAVAILABLE");
  }

  @Test
  void http_calls_go_through_the_proxy_with_the_tracing_headers_of_their_cause() throws Exception {
    BlockingQueue<String> seen = new LinkedBlockingQueue<>();
    HttpServer proxy = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
    proxy.createContext(
        "/",
        exchange -> {
          var headers = exchange.getRequestHeaders();
          seen.add(
              headers.getFirst("Host")
                  + " "
                  + headers.getFirst("x-request-id")
                  + " "
                  + headers.getFirst("traceparent"));
          byte[] body = "[]".getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(200, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    proxy.start();
    shop.keep((AutoCloseable) () -> proxy.stop(0));
    int storefront =
        shop.start(
            "storefront", "v1", Map.of("HTTP_PROXY", Shop.url(proxy.getAddress().getPort())));

    HttpResponse<String> list =
        shop.get(storefront, "/books", "x-request-id", "r-1", "traceparent", "00-1-2-01");

    assertThat(list.body()).isEqualTo("[]");
    assertThat(seen.poll(5, TimeUnit.SECONDS)).isEqualTo("catalog:9080 r-1 00-1-2-01");
  }

  @Test
  void stock_speaks_first_and_answers_line_by_line() throws Exception {
    int port = shop.start("stock", "v1", Map.of());
    try (Socket socket = new Socket("127.0.0.1", port)) {
      BufferedReader in =
          new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
      assertThat(in.readLine()).isEqualTo("STOCK 1 stock-v1");
      socket
          .getOutputStream()
          .write("COUNT 3\nCOUNT 99\nHELLO\n".getBytes(StandardCharsets.US_ASCII));
      assertThat(in.readLine()).isEqualTo("OK 31");
      assertThat(in.readLine()).isEqualTo("NO book 99");
      assertThat(in.readLine()).isEqualTo("BAD expected: COUNT BOOK");
    }
  }

  @Test
  void a_catalog_survives_that_stock_went_away_and_came_back() throws Exception {
    RunningService first = Bookshop.start("stock", Map.of("POD_IP", "127.0.0.1", "PORT", "0"));
    int port = first.port();
    int catalog =
        shop.start(
            "catalog",
            "v1",
            Map.of("STOCK_SERVICE_HOST", "127.0.0.1", "STOCK_SERVICE_PORT", "" + port));
    assertThat(shop.get(catalog, "/books/3").body()).contains("\"inStock\":31");
    first.close();
    assertThat(shop.get(catalog, "/books/3").statusCode()).isEqualTo(502);
    shop.keep(Bookshop.start("stock", Map.of("POD_IP", "127.0.0.1", "PORT", "" + port)));
    assertThat(shop.get(catalog, "/books/3").body()).contains("\"inStock\":31");
  }

  @Test
  void a_wrong_setting_is_named_with_what_was_expected() {
    assertThatThrownBy(() -> Bookshop.start("stock", Map.of("PORT", "70000")))
        .hasMessage("PORT: 70000 (expected: 0 to 65535)");
    assertThatThrownBy(() -> Bookshop.start("reviews", Map.of("SERVICE_VERSION", "v9")))
        .hasMessage("SERVICE_VERSION: v9 (expected: v1 to v3)");
    assertThatThrownBy(() -> Bookshop.start("shelf", Map.of())).hasMessageContaining("no service");
  }

  private int storefront(String version) throws Exception {
    int ratings = shop.start("ratings", "v1", Map.of());
    int stock = shop.start("stock", "v1", Map.of());
    int catalog =
        shop.start(
            "catalog",
            "v1",
            Map.of("STOCK_SERVICE_HOST", "127.0.0.1", "STOCK_SERVICE_PORT", "" + stock));
    int reviews =
        shop.start(
            "reviews",
            version,
            Map.of("RATINGS_SERVICE_HOST", "127.0.0.1", "RATINGS_SERVICE_PORT", "" + ratings));
    return shop.start(
        "storefront",
        "v1",
        Map.of(
            "CATALOG_URL", Shop.url(catalog),
            "RECOMMENDATIONS_URL", Shop.url(catalog),
            "REVIEWS_URL", Shop.url(reviews)));
  }
}
