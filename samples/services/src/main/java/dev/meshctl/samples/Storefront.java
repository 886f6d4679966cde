package dev.meshctl.samples;

import java.io.IOException;
import java.net.URI;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/**
 * What customers see: {@code /} for people, {@code /books/ID} for programs. A book's page needs
 * catalog and reviews, which are asked at the same time; where one of them fails, so does the page.
 */
final class Storefront implements HttpService.Handler {
  static final int PORT = 9080;

  private final Settings settings;
  private final HttpCalls calls;
  private final URI catalog;
  private final URI reviews;
  private final URI recommendations;

  private Storefront(Settings settings, HttpCalls calls) {
    this.settings = settings;
    this.calls = calls;
    this.catalog = settings.url("catalog", Catalog.PORT);
    this.reviews = settings.url("reviews", Reviews.PORT);
    this.recommendations = settings.url("recommendations", Catalog.PORT);
  }

  static RunningService start(Settings settings) throws IOException {
    HttpCalls calls = new HttpCalls(settings);
    return With.alsoClose(
        HttpService.start(settings, new Storefront(settings, calls)), calls::close);
  }

  @Override
  public Answer answer(String path, TraceContext trace) throws IOException, InterruptedException {
    if (path.equals("/")) {
      return page(bookJson("1", trace));
    }
    if (path.equals("/books")) {
      return calls.get(catalog, "/books", trace);
    }
    if (path.equals("/recommendations")) {
      return calls.get(recommendations, "/books", trace);
    }
    if (path.startsWith("/books/")) {
      return bookJson(path.substring("/books/".length()), trace);
    }
    return Answer.notFound(path);
  }

  private Answer bookJson(String id, TraceContext trace) throws IOException, InterruptedException {
    if (Shelf.book(id).isEmpty()) {
      return Answer.notFound("book " + id);
    }
    FutureTask<Answer> asked = new FutureTask<>(() -> calls.get(reviews, "/reviews/" + id, trace));
    Thread.startVirtualThread(asked);
    Answer book = calls.get(catalog, "/books/" + id, trace);
    Answer review = result(asked);
    for (Answer part : new Answer[] {book, review}) {
      if (!part.ok()) {
        return Answer.json(
            502, "{\"error\":" + Json.string(part.status() + " " + part.body()) + "}");
      }
    }
    return Answer.json(
        200,
        "{\"servedBy\":"
            + Json.string(settings.instance())
            + ",\"book\":"
            + book.body()
            + ",\"reviews\":"
            + review.body()
            + "}");
  }

  private static Answer result(FutureTask<Answer> task) throws IOException, InterruptedException {
    try {
      return task.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof IOException io) {
        throw io;
      }
      throw new CompletionException(e.getCause());
    }
  }

  private static Answer page(Answer book) {
    if (!book.ok()) {
      return book;
    }
    String shown = book.body().replace("&", "&amp;").replace("<", "&lt;").replace(",\"", ",\n \"");
    return Answer.html(
        "<!doctype html><title>Bookshop</title><h1>Book of the day</h1><pre>"
            + shown
            + "</pre><p>All books: <a href=\"/books\">/books</a></p>");
  }
}
