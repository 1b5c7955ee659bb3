// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.eval.report;

import static io.deepretrieval.eval.report.ReportText.percent;

import io.deepretrieval.Box;
import io.deepretrieval.SimilarityMap;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/** Markup of images: small copies with what is drawn over them. For one thread. */
final class ImageMarkup {
  private final Thumbnails thumbnails;

  ImageMarkup(Thumbnails thumbnails) {
    this.thumbnails = thumbnails;
  }

  /** An image with its box and overlays, or a note that it cannot be read. */
  Html image(Path file, String alt, Optional<Box> box, Html overlays) throws IOException {
    Optional<Thumbnails.Thumbnail> found = thumbnails.of(file);
    if (found.isEmpty()) {
      return missing(alt);
    }
    Thumbnails.Thumbnail thumbnail = found.get();
    return Html.of(
        """
        <div class="image"><img loading="lazy" decoding="async" width="{}" height="{}" \
        alt="{}" src="{}">{}{}</div>
        """,
        thumbnail.width(),
        thumbnail.height(),
        alt,
        thumbnail.uri(),
        overlays,
        box.map(b -> Html.of("<span class=\"box\" style=\"{}\"></span>", position(b, thumbnail)))
            .orElse(Html.NONE));
  }

  Html missing(String alt) {
    return Html.of(
        "<div class=\"image none\" role=\"img\" aria-label=\"{}\">cannot be read</div>\n", alt);
  }

  /** A map over the box of an image, hidden until it is asked for. */
  Html overlay(int hit, SimilarityMap map, Optional<Box> box, Path file) throws IOException {
    Optional<Thumbnails.Thumbnail> thumbnail = thumbnails.of(file);
    return Html.of(
        "<img class=\"why why{}\" alt=\"Why hit {}: {}\" width=\"{}\" height=\"{}\"{} src=\"{}\">",
        hit,
        hit,
        SimilarityOverlay.words(map),
        map.width(),
        map.height(),
        box.flatMap(b -> thumbnail.map(t -> Html.of(" style=\"{}\"", position(b, t))))
            .orElse(Html.NONE),
        SimilarityOverlay.uri(map));
  }

  private static String position(Box box, Thumbnails.Thumbnail thumbnail) {
    double left = Math.min(1, box.x1() / thumbnail.sourceWidth());
    double top = Math.min(1, box.y1() / thumbnail.sourceHeight());
    double right = Math.min(1, box.x2() / thumbnail.sourceWidth());
    double bottom = Math.min(1, box.y2() / thumbnail.sourceHeight());
    return "left:"
        + percent(left)
        + ";top:"
        + percent(top)
        + ";width:"
        + percent(right - left)
        + ";height:"
        + percent(bottom - top);
  }
}
