// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.cli;

import io.deepretrieval.cli.run.DryRunReport;

/** A dry run on the terminal. */
final class DryRunPrinter {
  private static final double MEGABYTE = 1 << 20;

  private final Terminal terminal;

  DryRunPrinter(Terminal terminal) {
    this.terminal = terminal;
  }

  /** Prints what would go wrong and what it would cost. */
  void print(DryRunReport report, boolean cached) {
    terminal.print(
        "%s: %d queries, %d database images",
        report.dataSet(), report.queries(), report.databaseImages());
    report.missing().forEach(line -> terminal.print("missing: %s", line));
    report.unreadable().forEach(line -> terminal.print("unreadable: %s", line));
    report.surplus().forEach(file -> terminal.print("surplus: %s", file));
    terminal.print(
        "%d missing, %d unreadable, %d surplus",
        report.missing().size(), report.unreadable().size(), report.surplus().size());
    report.cost().ifPresent(cost -> print(cost, cached));
  }

  private void print(DryRunReport.Cost cost, boolean cached) {
    double decoded = cost.decodedBytes() / MEGABYTE;
    terminal.print(
        "largest image: %dx%d, %.1f MB decoded, %s",
        cost.width(), cost.height(), decoded, cost.largest());
    terminal.print(
        "memory beside the network: vectors %.1f MB %s, names %.1f MB, a decoded image up to"
            + " %.1f MB",
        cost.vectorBytes() / MEGABYTE,
        cached ? "on disk, mapped" : "on the heap",
        cost.nameBytes() / MEGABYTE,
        decoded);
    terminal.print(
        "to describe: %d of %d, %.3f s each, %.0f s altogether",
        cost.ahead(), cost.images(), cost.secondsEach(), cost.seconds());
  }
}
