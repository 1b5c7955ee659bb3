// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.benchmarks;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaMethod;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The arrows of the plan: what the poms hold module by module, over all classes at once. */
class ArchitectureTest {
  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("io.deepretrieval");
  private static final String ROOT = "io.deepretrieval";
  private static final List<String> SIBLINGS = List.of("pooling", "index", "eval", "dl4j", "onnx");

  @Test
  void everyModuleIsSeen() {
    for (String sibling : SIBLINGS) {
      assertThat(CLASSES)
          .as(sibling)
          .anyMatch(c -> c.getPackageName().startsWith(ROOT + "." + sibling));
    }
    assertThat(CLASSES).anyMatch(c -> c.getPackageName().equals(ROOT));
  }

  @Test
  void siblingsNeverImportEachOther() {
    for (String sibling : SIBLINGS) {
      String[] others =
          SIBLINGS.stream()
              .filter(o -> !o.equals(sibling))
              // it exports the other's networks
              .filter(o -> !(sibling.equals("onnx") && o.equals("dl4j")))
              .map(o -> ROOT + "." + o + "..")
              .toArray(String[]::new);
      noClasses()
          .that()
          .resideInAPackage(ROOT + "." + sibling + "..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(others)
          .check(CLASSES);
    }
  }

  @Test
  void nobodyImportsTheCommandLine() {
    noClasses()
        .that()
        .resideOutsideOfPackage(ROOT + ".benchmarks..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage(ROOT + ".benchmarks..")
        .check(CLASSES);
  }

  @Test
  void theApiDependsOnTheJdkAlone() {
    classes()
        .that()
        .resideInAnyPackage(ROOT, ROOT + ".spi")
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage(ROOT, ROOT + ".spi", "java..", "org.jspecify..")
        .check(CLASSES);
  }

  @Test
  void deeplearning4jStaysInItsModule() {
    noClasses()
        .that()
        .resideOutsideOfPackage(ROOT + ".dl4j..")
        .and()
        // one of its baselines is ND4J's own ops
        .haveNameNotMatching(".*\\.PoolingBenchmark(_.*|\\$.*)?")
        .and()
        .resideOutsideOfPackage("..jmh_generated..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("org.deeplearning4j..", "org.nd4j..", "org.bytedeco.dnnl..")
        .check(CLASSES);
  }

  @Test
  void librariesPrintNothing() {
    DescribedPredicate<JavaClass> library =
        DescribedPredicate.describe(
            "library classes", c -> !c.getPackageName().startsWith(ROOT + ".benchmarks"));
    noClasses().that(library).should().accessField(System.class, "out").check(CLASSES);
    noClasses().that(library).should().accessField(System.class, "err").check(CLASSES);
    noClasses()
        .that(library)
        .should()
        .callMethod(Throwable.class, "printStackTrace")
        .check(CLASSES);
  }

  @Test
  void nativeTypesAreInNoPublicSignature() {
    List<String> leaks = new ArrayList<>();
    for (JavaClass type : CLASSES) {
      if (!type.getModifiers().contains(JavaModifier.PUBLIC)
          || type.getPackageName().startsWith(ROOT + ".dl4j")) {
        continue;
      }
      for (JavaMethod method : type.getMethods()) {
        if (method.getModifiers().contains(JavaModifier.PUBLIC)) {
          List<JavaClass> types = new ArrayList<>(method.getRawParameterTypes());
          types.add(method.getRawReturnType());
          types.stream()
              .filter(t -> t.getPackageName().matches("org\\.(nd4j|bytedeco|deeplearning4j).*"))
              .forEach(t -> leaks.add(method.getFullName()));
        }
      }
    }
    assertThat(leaks).isEmpty();
  }
}
