// SPDX-License-Identifier: Apache-2.0
import org.jspecify.annotations.NullMarked;

/** Other programs' files, read as data: pickles, PyTorch, safetensors, HDF5, tables and text. */
@NullMarked
module io.deepretrieval.format {
  requires static transitive org.jspecify;
  requires transitive io.deepretrieval.api;
  requires com.google.common;
  requires com.google.gson;
  requires org.apache.commons.csv;
  requires pickle;

  exports io.deepretrieval.format;
}
