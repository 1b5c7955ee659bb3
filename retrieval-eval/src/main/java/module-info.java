// SPDX-License-Identifier: Apache-2.0
import org.jspecify.annotations.NullMarked;

/**
 * Data sets, protocols, metrics and the HTML report of image retrieval.
 *
 * <p>{@code java.desktop} is used for the head of image files and to write thumbnails as JPEG.
 * Ground truth in MATLAB files is read by the automatic module of MFL.
 *
 * @provides io.deepretrieval.eval.DataSetProvider the data sets by name
 * @uses io.deepretrieval.eval.DataSetProvider what a name of a data set is looked up in
 */
@NullMarked
module io.deepretrieval.eval {
  requires static transitive org.jspecify;
  requires transitive io.deepretrieval.api;
  requires com.google.common;
  requires com.google.gson;
  requires io.deepretrieval.format;
  requires java.desktop;
  requires org.apache.commons.csv;
  requires us.hebi.matlab.mat.mfl.core;

  exports io.deepretrieval.eval;
  exports io.deepretrieval.eval.dataset;
  exports io.deepretrieval.eval.report;

  uses io.deepretrieval.eval.DataSetProvider;

  provides io.deepretrieval.eval.DataSetProvider with
      io.deepretrieval.eval.dataset.GroupsProvider,
      io.deepretrieval.eval.dataset.OxfordProviders.Oxford5k,
      io.deepretrieval.eval.dataset.OxfordProviders.Oxford105k,
      io.deepretrieval.eval.dataset.ParisProviders.Paris6k,
      io.deepretrieval.eval.dataset.ParisProviders.Paris106k,
      io.deepretrieval.eval.dataset.RevisitedProviders.Oxford,
      io.deepretrieval.eval.dataset.RevisitedProviders.Paris,
      io.deepretrieval.eval.dataset.RevisitedProviders.OxfordMillion,
      io.deepretrieval.eval.dataset.RevisitedProviders.ParisMillion,
      io.deepretrieval.eval.dataset.HolidaysProviders.AsPublished,
      io.deepretrieval.eval.dataset.HolidaysProviders.Upright,
      io.deepretrieval.eval.dataset.UkBenchProvider,
      io.deepretrieval.eval.dataset.ZubudProvider,
      io.deepretrieval.eval.dataset.InstreProvider,
      io.deepretrieval.eval.dataset.LandmarksProviders.First,
      io.deepretrieval.eval.dataset.LandmarksProviders.FirstRecognition,
      io.deepretrieval.eval.dataset.LandmarksProviders.Second,
      io.deepretrieval.eval.dataset.LandmarksProviders.SecondRecognition,
      io.deepretrieval.eval.dataset.LandmarksProviders.SecondRecognitionFull,
      io.deepretrieval.eval.dataset.FlickrLogosProviders.Logos32,
      io.deepretrieval.eval.dataset.FlickrLogosProviders.Logos32Boxes,
      io.deepretrieval.eval.dataset.FlickrLogosProviders.Logos47,
      io.deepretrieval.eval.dataset.SmvsProvider,
      io.deepretrieval.eval.dataset.DupImageProvider,
      io.deepretrieval.eval.dataset.SculpturesProvider;
}
