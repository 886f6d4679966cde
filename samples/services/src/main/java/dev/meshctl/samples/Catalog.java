package dev.meshctl.samples;

import java.io.IOException;
import java.util.stream.Collectors;

/** The books: {@code /books} and {@code /books/ID}, the latter with the number in stock. */
final class Catalog implements HttpService.Handler {
  static final int PORT = 9080;

  private final Settings settings;
  private final StockClient stock;

  private Catalog(Settings settings, StockClient stock) {
    this.settings = settings;
    this.stock = stock;
  }

  static RunningService start(Settings settings) throws IOException {
    StockClient stock = new StockClient(settings.address("stock", Stock.PORT));
    return With.alsoClose(HttpService.start(settings, new Catalog(settings, stock)), stock::close);
  }

  @Override
  public Answer answer(String path, TraceContext trace) throws IOException {
    if (path.equals("/books")) {
      return Answer.json(
          200,
          Shelf.BOOKS.stream()
              .map(book -> "{" + fields(book) + "}")
              .collect(Collectors.joining(",", "[", "]")));
    }
    if (!path.startsWith("/books/")) {
      return Answer.notFound(path);
    }
    String id = path.substring("/books/".length());
    var book = Shelf.book(id);
    if (book.isEmpty()) {
      return Answer.notFound("book " + id);
    }
    return Answer.json(
        200,
        "{"
            + fields(book.get())
            + ",\"inStock\":"
            + stock.copies(book.get().id())
            + ",\"servedBy\":"
            + Json.string(settings.instance())
            + "}");
  }

  private static String fields(Shelf.Book book) {
    return "\"id\":%d,\"title\":%s,\"author\":%s,\"year\":%d"
        .formatted(book.id(), Json.string(book.title()), Json.string(book.author()), book.year());
  }
}
