// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.cli;

import io.deepretrieval.eval.dataset.DataSets;
import io.deepretrieval.spi.NamedProvider;
import io.deepretrieval.spi.Providers;
import java.util.Iterator;
import java.util.List;
import java.util.function.Supplier;

/** Names that help shows as an option's candidates: whatever is on the class path. */
abstract class KnownNames implements Iterable<String> {
  private final Supplier<? extends Providers<? extends NamedProvider>> providers;

  private KnownNames(Supplier<? extends Providers<? extends NamedProvider>> providers) {
    this.providers = providers;
  }

  @Override
  public Iterator<String> iterator() {
    try {
      return providers.get().names().iterator();
    } catch (IllegalStateException | IllegalArgumentException e) {
      // Help must not fail for a plug-in that nobody asked for.
      return List.of("(" + e.getMessage() + ")").iterator();
    }
  }

  /** Networks. */
  static final class Backbones extends KnownNames {
    Backbones() {
      super(Providers::backbones);
    }
  }

  /** Poolings. */
  static final class Poolings extends KnownNames {
    Poolings() {
      super(Providers::poolings);
    }
  }

  /** Indexes. */
  static final class Indexes extends KnownNames {
    Indexes() {
      super(Providers::indexes);
    }
  }

  /** Re-rankers. */
  static final class Rerankers extends KnownNames {
    Rerankers() {
      super(Providers::rerankers);
    }
  }

  /** Losses. */
  static final class Losses extends KnownNames {
    Losses() {
      super(Providers::losses);
    }
  }

  /** Data sets. */
  static final class DataSetNames extends KnownNames {
    DataSetNames() {
      super(DataSets::providers);
    }
  }
}
