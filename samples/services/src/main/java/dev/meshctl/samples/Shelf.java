package dev.meshctl.samples;

import java.util.List;
import java.util.Optional;

/** What the shop knows; numbers are the books' ids, from 1. */
final class Shelf {
  static final List<Book> BOOKS =
      List.of(
          new Book(1, "The Comedy of Errors", "William Shakespeare", 1594, 12, 4.2, 318),
          new Book(2, "Middlemarch", "George Eliot", 1871, 4, 4.6, 207),
          new Book(3, "Frankenstein", "Mary Shelley", 1818, 31, 4.4, 512),
          new Book(4, "The Time Machine", "H. G. Wells", 1895, 0, 4.0, 149),
          new Book(5, "Walden", "Henry David Thoreau", 1854, 7, 3.8, 96),
          new Book(6, "Persuasion", "Jane Austen", 1817, 18, 4.5, 288));

  private Shelf() {}

  static Optional<Book> book(String id) {
    return BOOKS.stream().filter(book -> Integer.toString(book.id()).equals(id)).findFirst();
  }

  /** {@code copies} is the stock service's knowledge, stars and votes the ratings service's. */
  record Book(int id, String title, String author, int year, int copies, double stars, int votes) {}
}
