// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * A file that is not an image that can be read. Names the file, the format found and the reason.
 */
public final class ImageDecodeException extends IOException {
  private static final long serialVersionUID = 1L;

  /** Name of the source. */
  private final String imageName;

  /** Format by the first bytes. */
  private final String format;

  /** What is wrong. */
  private final String reason;

  /**
   * Makes an error.
   *
   * @param imageName name of the source
   * @param format format found by the first bytes, for instance {@code JPEG}, or {@code unknown}
   * @param reason what is wrong, for instance {@code file is empty}
   * @param cause the decoder's own error, or null
   */
  @SuppressWarnings("exports") // the annotation is for tools: callers compile without its module
  public ImageDecodeException(
      String imageName, String format, String reason, @Nullable Throwable cause) {
    super("cannot decode " + imageName + " (format " + format + "): " + reason, cause);
    this.imageName = imageName;
    this.format = format;
    this.reason = reason;
  }

  /**
   * Returns the name of the source.
   *
   * @return what {@link ImageSource#name} gave
   */
  public String imageName() {
    return imageName;
  }

  /**
   * Returns the format by the first bytes.
   *
   * @return for instance {@code JPEG}; {@code unknown} if none was recognized
   */
  public String format() {
    return format;
  }

  /**
   * Returns what is wrong.
   *
   * @return one sentence without the file's name
   */
  public String reason() {
    return reason;
  }
}
