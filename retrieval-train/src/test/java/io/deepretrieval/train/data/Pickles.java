// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.train.data;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Pickles of the test resources, and others written by hand: a character is a byte. */
public final class Pickles {
  private Pickles() {}

  public static Path resource(Path directory, String name) {
    try (InputStream in = Pickles.class.getResourceAsStream("/sfm/" + name)) {
      assertThat(in).as(name).isNotNull();
      return Files.write(directory.resolve(name), in.readAllBytes());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static Path write(Path directory, String opcodes) throws IOException {
    return Files.write(directory.resolve("sfm.pkl"), opcodes.getBytes(StandardCharsets.ISO_8859_1));
  }

  /** A list in protocol 0 of values that are numbers, or texts if they begin with a letter. */
  static String list(String values) {
    StringBuilder list = new StringBuilder("(l");
    for (String value : values.isEmpty() ? new String[0] : values.split(",")) {
      list.append(
          Character.isLetter(value.charAt(0))
              ? "S'" + value + "'\na"
              : (value.contains(".") ? "F" : "I") + value + "\na");
    }
    return list.toString();
  }

  /** A dict in protocol 0 of keys and what makes their values. */
  static String dict(String... items) {
    StringBuilder dict = new StringBuilder("(d");
    for (int i = 0; i < items.length; i += 2) {
      dict.append("S'").append(items[i]).append("'\n").append(items[i + 1]).append("s");
    }
    return dict.toString();
  }

  static String train(String cids, String cluster, String queries, String positives) {
    return dict(
            "train",
            dict("cids", list(cids), "cluster", list(cluster), "qidxs", list(queries))
                + "S'pidxs'\n"
                + list(positives)
                + "s")
        + ".";
  }
}
