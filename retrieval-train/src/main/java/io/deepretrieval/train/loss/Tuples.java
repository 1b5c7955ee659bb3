// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.train.loss;

import io.deepretrieval.Batching;

/** The selections of tuples. */
final class Tuples {
  private Tuples() {}

  static final PairMiner ALL_PAIRS =
      new PairMiner() {
        @Override
        public String recipe() {
          return "all-pairs";
        }

        @Override
        public void select(BatchDistances batch, PairMiner.Visitor visitor) {
          for (int a = 0; a < batch.size(); a++) {
            for (int b = a + 1; b < batch.size(); b++) {
              visitor.pair(a, b);
            }
          }
        }
      };

  static final TripletMiner ALL_TRIPLETS =
      new TripletMiner() {
        @Override
        public String recipe() {
          return "all";
        }

        @Override
        public void select(BatchDistances batch, TripletMiner.Visitor visitor) {
          for (int a = 0; a < batch.size(); a++) {
            for (int p = 0; p < batch.size(); p++) {
              if (p != a && batch.label(p) == batch.label(a)) {
                for (int n = 0; n < batch.size(); n++) {
                  if (batch.label(n) != batch.label(a)) {
                    visitor.triplet(a, p, n);
                  }
                }
              }
            }
          }
        }
      };

  static final TripletMiner HARDEST =
      new TripletMiner() {
        @Override
        public String recipe() {
          return "hardest";
        }

        @Override
        public void select(BatchDistances batch, TripletMiner.Visitor visitor) {
          for (int a = 0; a < batch.size(); a++) {
            int positive = a;
            int negative = a;
            for (int row = 0; row < batch.size(); row++) {
              if (row == a) {
                continue;
              }
              if (batch.label(row) == batch.label(a)) {
                if (positive == a || batch.between(a, row) > batch.between(a, positive)) {
                  positive = row;
                }
              } else if (negative == a || batch.between(a, row) < batch.between(a, negative)) {
                negative = row;
              }
            }
            if (positive != a && negative != a) {
              visitor.triplet(a, positive, negative);
            }
          }
        }
      };

  static final TripletMiner SEMI_HARD =
      new TripletMiner() {
        @Override
        public String recipe() {
          return "semi-hard";
        }

        @Override
        public void select(BatchDistances batch, TripletMiner.Visitor visitor) {
          for (int a = 0; a < batch.size(); a++) {
            for (int p = 0; p < batch.size(); p++) {
              if (p != a && batch.label(p) == batch.label(a)) {
                int n = nearestBeyond(batch, a, batch.between(a, p));
                if (n != a) {
                  visitor.triplet(a, p, n);
                }
              }
            }
          }
        }

        /** The nearest negative that is farther; the anchor itself if there is none. */
        private static int nearestBeyond(BatchDistances batch, int a, double distance) {
          int nearest = a;
          for (int n = 0; n < batch.size(); n++) {
            if (batch.label(n) != batch.label(a)
                && batch.between(a, n) > distance
                && (nearest == a || batch.between(a, n) < batch.between(a, nearest))) {
              nearest = n;
            }
          }
          return nearest;
        }
      };

  /** Tuples of so many rows, one after the other. */
  static final class InOrder implements PairMiner, TripletMiner {
    private final int rows;

    InOrder(int rows, int atLeast) {
      if (rows < atLeast) {
        throw new IllegalArgumentException(
            "a tuple must have at least " + atLeast + " rows but had " + rows);
      }
      this.rows = rows;
    }

    @Override
    public String recipe() {
      return "tuples rows=" + rows;
    }

    @Override
    public Batching batching() {
      return Batching.tuples(rows);
    }

    private void requireWholeTuples(BatchDistances batch) {
      if (batch.size() % rows != 0) {
        throw new IllegalArgumentException(
            "batch must be whole tuples of " + rows + " rows but had " + batch.size() + " rows");
      }
    }

    @Override
    public void select(BatchDistances batch, PairMiner.Visitor visitor) {
      requireWholeTuples(batch);
      for (int first = 0; first < batch.size(); first += rows) {
        for (int other = first + 1; other < first + rows; other++) {
          visitor.pair(first, other);
        }
      }
    }

    @Override
    public void select(BatchDistances batch, TripletMiner.Visitor visitor) {
      requireWholeTuples(batch);
      for (int first = 0; first < batch.size(); first += rows) {
        if (batch.label(first) != batch.label(first + 1)) {
          throw new IllegalArgumentException(
              "rows "
                  + first
                  + " and "
                  + (first + 1)
                  + " must be a query and its positive but had classes "
                  + batch.label(first)
                  + " and "
                  + batch.label(first + 1));
        }
        for (int negative = first + 2; negative < first + rows; negative++) {
          if (batch.label(negative) == batch.label(first)) {
            throw new IllegalArgumentException(
                "row "
                    + negative
                    + " must be a negative of row "
                    + first
                    + " but both had class "
                    + batch.label(first));
          }
          visitor.triplet(first, first + 1, negative);
        }
      }
    }
  }
}
