// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.format;

import java.io.BufferedReader;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.Reader;
import java.io.Writer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Opens text of other programs, with or without a byte order mark. */
public final class TextFile {
  private static final int BUFFER = 1 << 16;

  private TextFile() {}

  /**
   * Opens text in UTF-8. A read throws {@link CharacterCodingException} where it is not.
   *
   * @param file the text
   * @return a reader behind the byte order mark
   * @throws TextFormatException if there is no such file
   * @throws IOException if it cannot be opened, or its first bytes are not UTF-8
   */
  public static BufferedReader openUtf8(Path file) throws IOException {
    requireFile(file);
    return open(file, strict());
  }

  /**
   * Opens text in UTF-8 or, if any of it is not, in Latin-1. The file is read once to tell.
   *
   * @param file the text, which may be too large to be held
   * @return a reader behind the byte order mark
   * @throws TextFormatException if there is no such file, or it has zero bytes
   * @throws IOException if it cannot be read
   */
  public static BufferedReader openUtf8OrLatin1(Path file) throws IOException {
    requireFile(file);
    return open(file, charset(file).newDecoder());
  }

  private static void requireFile(Path file) throws TextFormatException {
    if (!Files.isRegularFile(file)) {
      throw TextFormatException.in(file, "file does not exist", null);
    }
  }

  private static CharsetDecoder strict() {
    return StandardCharsets.UTF_8
        .newDecoder()
        .onMalformedInput(CodingErrorAction.REPORT)
        .onUnmappableCharacter(CodingErrorAction.REPORT);
  }

  private static BufferedReader open(Path file, CharsetDecoder decoder) throws IOException {
    BufferedReader reader =
        new BufferedReader(new InputStreamReader(Files.newInputStream(file), decoder), BUFFER);
    try {
      reader.mark(1);
      if (reader.read() != '\uFEFF') {
        reader.reset();
      }
      return reader;
    } catch (IOException e) {
      reader.close();
      throw e;
    }
  }

  private static Charset charset(Path file) throws IOException {
    try (InputStream in = new NoZeros(file)) {
      try {
        Reader reader = new InputStreamReader(in, strict());
        reader.transferTo(Writer.nullWriter());
        return StandardCharsets.UTF_8;
      } catch (CharacterCodingException e) {
        in.transferTo(OutputStream.nullOutputStream());
        return StandardCharsets.ISO_8859_1;
      }
    }
  }

  /** Zero bytes are those of UTF-16, which would pass for Latin-1. */
  private static final class NoZeros extends FilterInputStream {
    private final Path file;

    NoZeros(Path file) throws IOException {
      super(Files.newInputStream(file));
      this.file = file;
    }

    @Override
    public int read(byte[] into, int from, int length) throws IOException {
      int n = super.read(into, from, length);
      for (int i = from; i < from + n; i++) {
        if (into[i] == 0) {
          throw TextFormatException.in(
              file, "text must be UTF-8 or Latin-1 but has zero bytes, as UTF-16 has", null);
        }
      }
      return n;
    }
  }
}
