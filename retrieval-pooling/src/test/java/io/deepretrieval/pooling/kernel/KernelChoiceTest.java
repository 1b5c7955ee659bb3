// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.pooling.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.text.MessageFormat;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.ResourceBundle;
import org.junit.jupiter.api.Test;

class KernelChoiceTest {
  private static final class Lines implements System.Logger {
    private final List<String> lines = new ArrayList<>();

    @Override
    public String getName() {
      return "lines";
    }

    @Override
    public boolean isLoggable(Level level) {
      return true;
    }

    @Override
    public void log(Level level, ResourceBundle bundle, String message, Throwable thrown) {
      lines.add(level + " " + message + " " + thrown);
    }

    @Override
    public void log(Level level, ResourceBundle bundle, String format, Object... parameters) {
      lines.add(level + " " + MessageFormat.format(format, parameters));
    }
  }

  @Test
  void withoutTheModuleTheyAreScalarAndTheLogSaysHowToChangeThat() {
    Lines log = new Lines();
    assertThat(KernelChoice.choose(Optional.empty(), "any", log).name()).isEqualTo("scalar");
    assertThat(log.lines)
        .containsExactly(
            "INFO pooling kernels: scalar; start the JVM with --add-modules jdk.incubator.vector"
                + " for faster ones");
  }

  @Test
  void classThatDoesNotWorkLeavesScalarKernelsAndAReason() {
    Lines log = new Lines();
    Optional<Module> module = Optional.of(Object.class.getModule());
    assertThat(KernelChoice.choose(module, "no.such.Kernels", log).name()).isEqualTo("scalar");
    assertThat(log.lines)
        .containsExactly(
            "INFO pooling kernels: scalar; the vector kernels do not work in this JVM:"
                + " java.lang.ClassNotFoundException: no.such.Kernels");
  }

  @Test
  void choiceFollowsTheModulesOfTheJvmAndIsMadeOnce() {
    boolean module = ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent();
    assertThat(Kernels.get().name()).startsWith(module ? "vector of " : "scalar");
    assertThat(Kernels.get()).isSameAs(Kernels.get());
  }
}
