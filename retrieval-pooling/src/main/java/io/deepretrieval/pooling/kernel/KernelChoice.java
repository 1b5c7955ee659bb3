// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.pooling.kernel;

import java.lang.System.Logger.Level;
import java.util.Optional;

/** Chooses the kernels of this JVM. */
final class KernelChoice {
  private static final String MODULE = "jdk.incubator.vector";

  /** Compiled apart, against the incubator module, and therefore known by name only. */
  private static final String VECTOR = "io.deepretrieval.pooling.kernel.VectorKernels";

  private KernelChoice() {}

  static Kernels choose() {
    return choose(
        ModuleLayer.boot().findModule(MODULE), VECTOR, System.getLogger(Kernels.class.getName()));
  }

  /** Takes the vector kernels if the JVM has the module and they work in it. */
  static Kernels choose(Optional<Module> module, String className, System.Logger log) {
    Kernels kernels = new ScalarKernels();
    String why = "; start the JVM with --add-modules " + MODULE + " for faster ones";
    if (module.isPresent()) {
      try {
        // instead of "requires static", which would tie module-info to an incubating module
        Kernels.class.getModule().addReads(module.get());
        kernels =
            Class.forName(className)
                .asSubclass(Kernels.class)
                .getDeclaredConstructor()
                .newInstance();
        why = "";
      } catch (ReflectiveOperationException | LinkageError e) {
        why = "; the vector kernels do not work in this JVM: " + e;
      }
    }
    log.log(Level.INFO, "pooling kernels: {0}{1}", kernels.name(), why);
    return kernels;
  }
}
