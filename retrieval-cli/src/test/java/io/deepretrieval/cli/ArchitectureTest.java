// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.cli;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaMethod;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The arrows of the plan: what the poms hold module by module, over all classes at once. */
class ArchitectureTest {
  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("io.deepretrieval");
  private static final String ROOT = "io.deepretrieval";

  /** Each package a slice of its own: a pattern would leave out the root package. */
  private static final SliceAssignment PACKAGES =
      new SliceAssignment() {
        @Override
        public SliceIdentifier getIdentifierOf(JavaClass type) {
          return type.getPackageName().startsWith(ROOT)
              ? SliceIdentifier.of(type.getPackageName())
              : SliceIdentifier.ignore();
        }

        @Override
        public String getDescription() {
          return "packages of " + ROOT;
        }
      };

  /** What each module sees of the others, beside the API, which all see. */
  private static final Map<String, Set<String>> ARROWS =
      Map.of(
          "pooling", Set.of(),
          "index", Set.of("format"),
          "format", Set.of(),
          "image", Set.of(),
          "train", Set.of("format", "image"),
          "eval", Set.of("format"),
          // a checkpoint is described with the usual decoder
          "dl4j", Set.of("format"),
          // it exports the other's networks
          "onnx", Set.of("dl4j"));

  @Test
  void everyModuleIsSeen() {
    for (String module : ARROWS.keySet()) {
      assertThat(CLASSES)
          .as(module)
          .anyMatch(c -> c.getPackageName().startsWith(ROOT + "." + module));
    }
    assertThat(CLASSES).anyMatch(c -> c.getPackageName().equals(ROOT));
  }

  @Test
  void modulesSeeWhatLiesBelowThem() {
    ARROWS.forEach(
        (module, seen) -> {
          String[] others =
              ARROWS.keySet().stream()
                  .filter(o -> !o.equals(module) && !seen.contains(o))
                  .map(o -> ROOT + "." + o + "..")
                  .toArray(String[]::new);
          noClasses()
              .that()
              .resideInAPackage(ROOT + "." + module + "..")
              .should()
              .dependOnClassesThat()
              .resideInAnyPackage(others)
              .check(CLASSES);
        });
  }

  @Test
  void noPackageIsPartOfACircle() {
    slices().assignedFrom(PACKAGES).should().beFreeOfCycles().check(CLASSES);
  }

  @Test
  void nobodyImportsTheCommandLine() {
    noClasses()
        .that()
        .resideOutsideOfPackage(ROOT + ".cli..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage(ROOT + ".cli..")
        .check(CLASSES);
  }

  @Test
  void theApiDependsOnTheJdkAlone() {
    classes()
        .that()
        .resideInAnyPackage(ROOT, ROOT + ".internal", ROOT + ".spi")
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage(ROOT, ROOT + ".internal", ROOT + ".spi", "java..", "org.jspecify..")
        .check(CLASSES);
  }

  @Test
  void deeplearning4jStaysInItsModule() {
    noClasses()
        .that()
        .resideOutsideOfPackage(ROOT + ".dl4j..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("org.deeplearning4j..", "org.nd4j..", "org.bytedeco.dnnl..")
        .check(CLASSES);
  }

  @Test
  void librariesPrintNothing() {
    DescribedPredicate<JavaClass> library =
        DescribedPredicate.describe(
            "library classes", c -> !c.getPackageName().startsWith(ROOT + ".cli"));
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
