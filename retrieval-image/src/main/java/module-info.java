// SPDX-License-Identifier: Apache-2.0
import org.jspecify.annotations.NullMarked;

/** Decoding of image files. */
@NullMarked
module io.deepretrieval.image {
  requires static transitive org.jspecify;
  requires transitive io.deepretrieval.api;
  requires java.desktop;
  requires com.twelvemonkeys.imageio.core;
  requires com.twelvemonkeys.imageio.jpeg;
  requires com.twelvemonkeys.imageio.tiff;
  requires com.twelvemonkeys.imageio.webp;
  requires metadata.extractor;

  exports io.deepretrieval.image;
}
