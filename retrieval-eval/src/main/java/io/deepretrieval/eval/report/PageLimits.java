// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.eval.report;

/**
 * How much a page shows, so that it stays below 10 MB.
 *
 * @param queries shown with images, of the worst
 * @param hits shown of each query
 * @param explained hits of each query that are explained
 * @param thumbnailBytes bound of each small image
 */
record PageLimits(int queries, int hits, int explained, int thumbnailBytes) {
  private static final int IMAGE_BYTES = 6_200_000;
  private static final int IMAGE_BYTES_EXPLAINED = 4_700_000;
  private static final int MAX_EXPLAINED = 600;
  private static final int MIN_BYTES_AN_IMAGE = 1_500;

  /** For a result of so many queries. */
  static PageLimits of(HtmlReport.Options options, int queries) {
    int shown = Math.min(options.queries, queries);
    int explained =
        options.explain.isEmpty() || shown == 0
            ? 0
            : Math.min(options.hits, Math.max(1, MAX_EXPLAINED / shown));
    int images = Math.max(1, shown * (options.hits + 1));
    int bytes = explained == 0 ? IMAGE_BYTES : IMAGE_BYTES_EXPLAINED;
    return new PageLimits(
        shown, options.hits, explained, Math.max(MIN_BYTES_AN_IMAGE, bytes / images));
  }
}
