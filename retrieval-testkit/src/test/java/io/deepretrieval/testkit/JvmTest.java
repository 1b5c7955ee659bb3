// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JvmTest {
  private static final Duration LIMIT = Duration.ofMinutes(1);

  /** Says what it was given and ends, fails or stays. */
  static final class Program {
    private Program() {}

    public static void main(String[] arguments) throws InterruptedException {
      System.out.println("out " + String.join(",", arguments));
      System.err.println("err " + System.getProperty("given"));
      if (arguments[0].equals("fail")) {
        System.exit(3);
      }
      if (arguments[0].equals("stay")) {
        Thread.sleep(LIMIT.toMillis());
      }
    }
  }

  @Test
  void outputAndErrorsOfAProgramThatEnds() throws IOException {
    assertThat(Jvm.of(Program.class, "a", "b c").quick().options("-Dgiven=yes").succeed(LIMIT))
        .contains("out a,b c\n")
        .contains("err yes\n");
  }

  @Test
  void anExitValueFailsTheTestUnlessItIsAskedFor() throws IOException {
    Jvm jvm = Jvm.of(Program.class, "fail").quick();
    assertThat(jvm.run(LIMIT).exitValue()).isEqualTo(3);
    assertThatThrownBy(() -> jvm.succeed(LIMIT))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("Program fail said: ")
        .hasMessageContaining("out fail");
  }

  @Test
  void whatTakesTooLongIsKilled() {
    assertThatThrownBy(() -> Jvm.of(Program.class, "stay").quick().run(Duration.ofMillis(1500)))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("ends within PT1.5S");
  }

  @Test
  void theClassPathCanBeAnother(@TempDir Path directory) throws IOException {
    Jvm.Outcome outcome =
        Jvm.of(Program.class, "a").quick().classPath(List.of(directory), entry -> false).run(LIMIT);
    assertThat(outcome.exitValue()).isEqualTo(1);
    assertThat(outcome.output()).contains("ClassNotFoundException");
  }
}
