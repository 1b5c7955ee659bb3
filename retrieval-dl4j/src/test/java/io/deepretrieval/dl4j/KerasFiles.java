// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.dl4j;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;

/** Keras files with another description of the model in the place of their own. */
public final class KerasFiles {
  private KerasFiles() {}

  private static String latin(byte[] file) {
    return new String(file, StandardCharsets.ISO_8859_1);
  }

  private static int start(String file) {
    return file.indexOf("{\"class_name\"");
  }

  /** The end of the object that begins at start; its texts have no braces. */
  private static int end(String file, int start) {
    int depth = 0;
    int at = start;
    do {
      char c = file.charAt(at++);
      depth += c == '{' ? 1 : c == '}' ? -1 : 0;
    } while (depth > 0);
    return at;
  }

  /** The description that a file has. */
  public static JsonObject model(byte[] file) {
    String text = latin(file);
    int start = start(text);
    return JsonParser.parseString(text.substring(start, end(text, start))).getAsJsonObject();
  }

  /** The file with another description, filled up with blanks; none if it has no room for it. */
  public static Optional<byte[]> with(byte[] file, String model) {
    String text = latin(file);
    int start = start(text);
    int end = end(text, start);
    byte[] json = model.getBytes(StandardCharsets.UTF_8);
    if (json.length > end - start) {
      return Optional.empty();
    }
    byte[] out = file.clone();
    Arrays.fill(out, start, end, (byte) ' ');
    System.arraycopy(json, 0, out, start, json.length);
    return Optional.of(out);
  }
}
