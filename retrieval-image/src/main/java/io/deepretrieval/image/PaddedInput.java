// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.image;

import java.io.IOException;
import javax.imageio.stream.ImageInputStreamImpl;

/**
 * Bytes in memory with a few zeros behind them, then an error. The WebP reader looks eight bytes
 * ahead, and takes an end of file for more data: without this, a damaged file of 100 bytes can keep
 * it busy for a minute.
 */
final class PaddedInput extends ImageInputStreamImpl {
  private static final int PADDING = 8;

  private final byte[] data;
  private final int length;

  PaddedInput(byte[] data, int length) {
    this.data = data;
    this.length = length;
  }

  @Override
  public int read() throws IOException {
    bitOffset = 0;
    return next() & 0xFF;
  }

  @Override
  public int read(byte[] target, int offset, int count) throws IOException {
    bitOffset = 0;
    int n = (int) Math.max(0, Math.min(count, length - streamPos));
    if (n > 0) {
      System.arraycopy(data, (int) streamPos, target, offset, n);
      streamPos += n;
    }
    for (; n < count; n++) {
      target[offset + n] = next();
    }
    return n;
  }

  private byte next() throws DamagedFileException {
    if (streamPos >= length + (long) PADDING) {
      throw new DamagedFileException("image data ends early");
    }
    byte value = streamPos < length ? data[(int) streamPos] : 0;
    streamPos++;
    return value;
  }

  @Override
  public long length() {
    return length;
  }
}
