// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.onnx;

import io.deepretrieval.Preprocessing;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What an exported file says of itself in the metadata of its model, beside the graph: enough to
 * open it without options.
 *
 * <pre>
 * retrieval.backbone       name of the architecture
 * retrieval.layer          layer that the network ends with, the name of the output
 * retrieval.stride         pixels between two neighboring cells
 * retrieval.preprocessing  order, scale, mean and std: rgb 0.00392156862745098 0.485,0.456,0.406 0.229,0.224,0.225
 * </pre>
 *
 * @param backbone name of the architecture
 * @param layer name of the output
 * @param stride pixels between two neighboring cells
 * @param preprocessing how bytes become the input
 */
record OnnxMetadata(String backbone, String layer, int stride, Preprocessing preprocessing) {
  static final String BACKBONE = "retrieval.backbone";
  static final String LAYER = "retrieval.layer";
  static final String STRIDE = "retrieval.stride";
  static final String PREPROCESSING = "retrieval.preprocessing";

  /** The entries, in the order above. */
  Map<String, String> entries() {
    Map<String, String> entries = new LinkedHashMap<>();
    entries.put(BACKBONE, backbone);
    entries.put(LAYER, layer);
    entries.put(STRIDE, Integer.toString(stride));
    entries.put(PREPROCESSING, text(preprocessing));
    return entries;
  }

  /** One line; doubles as Java prints them, so that they come back to the bit. */
  static String text(Preprocessing preprocessing) {
    return preprocessing.order().name().toLowerCase(Locale.ROOT)
        + " "
        + preprocessing.scale()
        + " "
        + list(preprocessing.mean())
        + " "
        + list(preprocessing.std());
  }

  private static String list(List<Double> values) {
    return String.join(",", values.stream().map(String::valueOf).toList());
  }

  /**
   * Reads what {@link #text} wrote.
   *
   * @throws IllegalArgumentException if it has another form
   */
  static Preprocessing preprocessing(String text) {
    String[] parts = text.split(" ", -1);
    try {
      if (parts.length == 4) {
        return new Preprocessing(
            Preprocessing.ChannelOrder.valueOf(parts[0].toUpperCase(Locale.ROOT)),
            Double.parseDouble(parts[1]),
            numbers(parts[2]),
            numbers(parts[3]));
      }
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(message(text), e);
    }
    throw new IllegalArgumentException(message(text));
  }

  private static String message(String text) {
    return "metadata "
        + PREPROCESSING
        + " must be order, scale, mean and std, as 'rgb 1.0 0.0,0.0,0.0 1.0,1.0,1.0', but was '"
        + text
        + "'";
  }

  private static List<Double> numbers(String list) {
    List<Double> numbers = new ArrayList<>();
    for (String number : list.split(",", -1)) {
      numbers.add(Double.parseDouble(number));
    }
    return numbers;
  }

  /** How bytes become the input: as asked, or as the metadata of a file says. */
  static Preprocessing preprocessing(
      Path file, @Nullable Preprocessing asked, Map<String, String> metadata) throws IOException {
    if (asked != null) {
      return asked;
    }
    String text = metadata.get(PREPROCESSING);
    if (text == null) {
      throw new IllegalArgumentException(
          "ONNX file " + file + " does not say its preprocessing: the option must say it");
    }
    try {
      return preprocessing(text);
    } catch (IllegalArgumentException e) {
      throw new IOException("ONNX file " + file + ": " + e.getMessage(), e);
    }
  }

  /** The stride that is asked for, or that the metadata of a file says; 0 if neither does. */
  static int stride(Path file, int asked, Map<String, String> metadata) throws IOException {
    String text = metadata.get(STRIDE);
    if (asked > 0 || text == null) {
      return asked;
    }
    try {
      int stride = Integer.parseInt(text);
      if (stride > 0) {
        return stride;
      }
    } catch (NumberFormatException e) {
      throw new IOException("ONNX file " + file + " has the stride '" + text + "'", e);
    }
    throw OnnxSignature.error(file, "has the stride '" + text + "'");
  }
}
