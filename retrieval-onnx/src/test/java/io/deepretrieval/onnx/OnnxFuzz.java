// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.onnx;

import io.deepretrieval.Preprocessing;
import io.deepretrieval.testkit.Randoms;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;

/**
 * Opens and runs damaged files, and ends with an error at anything but a refusal that names the
 * file. Arguments: folder, places of truncation, flipped bytes.
 */
final class OnnxFuzz {
  private OnnxFuzz() {}

  public static void main(String[] args) throws IOException {
    Path file = Path.of(args[0], "fuzz.onnx");
    byte[][] files = {OnnxFiles.conv(), OnnxFiles.tokens(1)};
    int cuts = Integer.parseInt(args[1]);
    int flips = Integer.parseInt(args[2]);
    int refused = 0;
    for (int i = 0; i < cuts; i++) {
      byte[] good = files[i % 2];
      Files.write(file, java.util.Arrays.copyOf(good, (int) ((long) good.length * i / cuts)));
      refused += refused(file, "cut " + i);
    }
    if (refused != cuts) {
      throw new AssertionError("only " + refused + " of " + cuts + " truncated files were refused");
    }
    Random random = new Random(17);
    for (int i = 0; i < flips; i++) {
      byte[] bytes = files[i % 2].clone();
      // Most of a file is weights: half of the flips go to what is none.
      int at = random.nextInt(i % 4 < 2 ? bytes.length : 200);
      at = i % 4 < 2 || random.nextBoolean() ? at : bytes.length - 1 - at;
      bytes[at] ^= (byte) (1 + random.nextInt(255));
      Files.write(file, bytes);
      refused += refused(file, "flip " + i + " at " + at);
    }
    System.out.println("done, truncated " + cuts + ", flipped " + flips + ", refused " + refused);
  }

  private static int refused(Path file, String what) {
    try (OnnxBackbone backbone =
        OnnxBackbone.builder(file).preprocessing(Preprocessing.UNIT).threads(1).build()) {
      backbone.extract(Randoms.ofSeed(1).image(16, 12));
      return 0;
    } catch (IOException | IllegalArgumentException | IllegalStateException e) {
      if (!String.valueOf(e.getMessage()).contains("fuzz.onnx")) {
        throw new AssertionError(what + ": " + e, e);
      }
      return 1;
    } catch (RuntimeException | Error e) {
      throw new AssertionError(what + ": " + e, e);
    }
  }
}
