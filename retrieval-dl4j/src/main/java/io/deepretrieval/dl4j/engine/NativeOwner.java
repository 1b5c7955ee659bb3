// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.dl4j.engine;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerScope;

/** Native objects that live until this owner is closed, instead of until the next collection. */
final class NativeOwner implements AutoCloseable {
  private final List<Pointer> owned = new ArrayList<>();

  /** Keeps an object beyond the {@link #scoped} call that made it. */
  <P extends Pointer> P keep(P pointer) {
    pointer.retainReference();
    owned.add(pointer);
    return pointer;
  }

  /** Runs a body and frees at once every native object that it made and did not keep. */
  @SuppressWarnings({"try", "unchecked"})
  static <T> T scoped(Supplier<T> body) {
    try (PointerScope scope = new PointerScope()) {
      return body.get();
    }
  }

  @Override
  public void close() {
    owned.forEach(Pointer::releaseReference);
    owned.clear();
  }
}
