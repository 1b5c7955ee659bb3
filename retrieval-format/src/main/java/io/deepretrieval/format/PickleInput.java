// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.format;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/** A stream over a {@link ByteSource} that can look ahead and knows what is left. */
final class PickleInput extends InputStream {
  private final ByteSource source;
  private final byte[] buffer = new byte[1 << 16];
  private long bufferStart;
  private int at;
  private int limit;

  PickleInput(ByteSource source) {
    this.source = source;
  }

  /** Bytes read so far. */
  long position() {
    return bufferStart + at;
  }

  /** Bytes left. */
  long remaining() {
    return source.size() - position();
  }

  /** Goes on behind bytes that were read by other means. */
  void skipTo(long position) {
    bufferStart = position;
    at = 0;
    limit = 0;
  }

  private boolean fill() throws IOException {
    if (at < limit) {
      return true;
    }
    skipTo(position());
    int n = (int) Math.min(buffer.length, source.size() - bufferStart);
    source.read(bufferStart, buffer, n);
    limit = n;
    return n > 0;
  }

  @Override
  public int read() throws IOException {
    return fill() ? buffer[at++] & 0xFF : -1;
  }

  @Override
  public int read(byte[] into, int from, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    if (!fill()) {
      return -1;
    }
    int n = Math.min(length, limit - at);
    System.arraycopy(buffer, at, into, from, n);
    at += n;
    return n;
  }

  @Override
  public int available() {
    return (int) Math.min(Integer.MAX_VALUE, remaining());
  }

  /** Looks at the next bytes as a little-endian number; 0 for what lies behind the end. */
  long peek(int bytes) throws IOException {
    long start = position();
    long value = 0;
    for (int i = 0; i < bytes; i++) {
      long next = Math.max(0, read());
      value |= next << (8 * i);
    }
    // The bytes may have been on both sides of the end of the buffer.
    if (start >= bufferStart) {
      at = (int) (start - bufferStart);
    } else {
      skipTo(start);
    }
    return value;
  }

  /** Reads a little-endian number. */
  long number(int bytes) throws IOException {
    if (remaining() < bytes) {
      throw new IOException("a number of " + bytes + " bytes must follow byte " + position());
    }
    long value = 0;
    for (int i = 0; i < bytes; i++) {
      value |= (long) read() << (8 * i);
    }
    return value;
  }

  /**
   * Reads a line without its end, a character for each byte.
   *
   * @return null if it is longer than that
   */
  @Nullable String line(int most) throws IOException {
    StringBuilder line = new StringBuilder();
    while (true) {
      int c = read();
      if (c < 0) {
        throw new EOFException("a line must end within " + most + " bytes at byte " + position());
      }
      if (c == '\n') {
        return line.toString();
      }
      if (line.length() == most) {
        return null;
      }
      line.append((char) c);
    }
  }
}
