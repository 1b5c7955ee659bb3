// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.eval;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.module.ModuleDescriptor;
import java.lang.module.ModuleFinder;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

final class ModuleDescriptorTest {
  @Test
  void moduleNeedsTheApiAndReadersOfFilesAndExportsItsPackages() throws Exception {
    Path classes =
        Path.of(Evaluator.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    ModuleDescriptor module =
        ModuleFinder.of(classes).find("io.deepretrieval.eval").orElseThrow().descriptor();
    assertThat(
            module.requires().stream()
                .filter(r -> !r.modifiers().contains(ModuleDescriptor.Requires.Modifier.STATIC))
                .map(ModuleDescriptor.Requires::name))
        .containsExactlyInAnyOrder(
            "java.base",
            "java.desktop",
            "com.google.gson",
            "io.deepretrieval.api",
            "com.google.common",
            "io.deepretrieval.format",
            "org.apache.commons.csv",
            "us.hebi.matlab.mat.mfl.core");
    assertThat(module.exports().stream().map(ModuleDescriptor.Exports::source))
        .containsExactlyInAnyOrder(
            "io.deepretrieval.eval",
            "io.deepretrieval.eval.dataset",
            "io.deepretrieval.eval.report");
  }
}
