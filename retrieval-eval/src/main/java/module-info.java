// SPDX-License-Identifier: Apache-2.0
import org.jspecify.annotations.NullMarked;

/**
 * Data sets, protocols, metrics and the HTML report of image retrieval.
 *
 * <p>{@code java.desktop} is used for the head of image files and to write thumbnails as JPEG.
 * Ground truth in MATLAB files is read by the automatic module of MFL.
 */
@NullMarked
module io.deepretrieval.eval {
  requires static org.jspecify;
  requires transitive io.deepretrieval.api;
  requires com.google.gson;
  requires io.deepretrieval.format;
  requires java.desktop;
  requires org.apache.commons.csv;
  requires us.hebi.matlab.mat.mfl.core;

  exports io.deepretrieval.eval;
  exports io.deepretrieval.eval.dataset;
  exports io.deepretrieval.eval.report;
}
