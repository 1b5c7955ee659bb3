// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.format;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/** Bytes of known number that are read where they are needed. */
interface ByteSource {
  /** How many there are. */
  long size();

  /**
   * Reads.
   *
   * @param position of the first byte; position + length is at most {@link #size}
   * @param into (modified) receives the bytes from index 0
   * @throws IOException if they cannot be read
   */
  void read(long position, byte[] into, int length) throws IOException;

  /** A part of these bytes, checked to lie within. */
  default ByteSource slice(long start, long length) throws IOException {
    if (start < 0 || length < 0 || length > size() - start) {
      throw new IOException(
          "bytes "
              + start
              + " to "
              + (start + length)
              + " must lie within the "
              + size()
              + " bytes that there are");
    }
    ByteSource whole = this;
    return new ByteSource() {
      @Override
      public long size() {
        return length;
      }

      @Override
      public void read(long position, byte[] into, int count) throws IOException {
        whole.read(start + position, into, count);
      }
    };
  }

  /** An array. */
  static ByteSource of(byte[] bytes) {
    return new ByteSource() {
      @Override
      public long size() {
        return bytes.length;
      }

      @Override
      public void read(long position, byte[] into, int length) {
        System.arraycopy(bytes, (int) position, into, 0, length);
      }
    };
  }

  /** Text as its bytes of Latin-1, without a copy of it: a pickle may use one text many times. */
  static ByteSource of(String text) {
    return new ByteSource() {
      @Override
      public long size() {
        return text.length();
      }

      @Override
      public void read(long position, byte[] into, int length) {
        for (int i = 0; i < length; i++) {
          char c = text.charAt((int) position + i);
          into[i] = (byte) (c > 0xFF ? '?' : c);
        }
      }
    };
  }

  /** An open file. */
  static ByteSource of(FileChannel channel) throws IOException {
    long size = channel.size();
    return new ByteSource() {
      @Override
      public long size() {
        return size;
      }

      @Override
      public void read(long position, byte[] into, int length) throws IOException {
        ByteBuffer buffer = ByteBuffer.wrap(into, 0, length);
        while (buffer.hasRemaining()) {
          if (channel.read(buffer, position + buffer.position()) < 0) {
            throw new IOException("it ended at byte " + (position + buffer.position()));
          }
        }
      }
    };
  }

  /**
   * A member of an archive. Compressed ones are refused: nothing that is taken for a tensor can
   * then be larger than the file.
   */
  static ByteSource of(ZipFile zip, ZipEntry entry) throws IOException {
    if (entry.getMethod() != ZipEntry.STORED || entry.getSize() != entry.getCompressedSize()) {
      throw new IOException(
          "archive member "
              + entry.getName()
              + " must be stored as torch writes it but is compressed from "
              + entry.getSize()
              + " to "
              + entry.getCompressedSize()
              + " bytes");
    }
    long most = new File(zip.getName()).length();
    if (entry.getSize() < 0 || entry.getSize() > most) {
      throw new IOException(
          "archive member "
              + entry.getName()
              + " must be within the "
              + most
              + " bytes of the file but is said to have "
              + entry.getSize());
    }
    return new ByteSource() {
      @Override
      public long size() {
        return entry.getSize();
      }

      @Override
      public void read(long position, byte[] into, int length) throws IOException {
        try (InputStream in = zip.getInputStream(entry)) {
          in.skipNBytes(position);
          int got = in.readNBytes(into, 0, length);
          if (got < length) {
            throw new IOException(
                "archive member " + entry.getName() + " ended at byte " + (position + got));
          }
        }
      }
    };
  }
}
