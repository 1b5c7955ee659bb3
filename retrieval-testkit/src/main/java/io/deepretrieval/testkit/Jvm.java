// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * A main class of the tests in a JVM of its own, with the class path of the tests: to be killed, to
 * be given little memory, or because native code could end it. Immutable.
 */
public final class Jvm {
  private final List<String> before;
  private final List<String> options;
  private final String classPath;
  private final List<String> program;

  private Jvm(List<String> before, List<String> options, String classPath, List<String> program) {
    this.before = before;
    this.options = options;
    this.classPath = classPath;
    this.program = program;
  }

  /**
   * What a JVM did.
   *
   * @param exitValue 0 if all went well
   * @param output what it printed, its errors too
   */
  public record Outcome(int exitValue, String output) {}

  /**
   * Names what to start, with a heap of 256 MB.
   *
   * @param main has a method {@code main}
   * @param arguments its arguments
   * @return what can be started
   */
  public static Jvm of(Class<?> main, String... arguments) {
    return new Jvm(
        List.of(),
        List.of("-Xmx256m"),
        System.getProperty("java.class.path"),
        joined(List.of(main.getName()), arguments));
  }

  private static List<String> joined(List<String> first, String... others) {
    List<String> all = new ArrayList<>(first);
    all.addAll(Arrays.asList(others));
    return List.copyOf(all);
  }

  /**
   * Adds options of the JVM; later ones win.
   *
   * @param more for instance {@code -Xmx512m}
   * @return the same with these
   */
  public Jvm options(String... more) {
    return new Jvm(before, joined(options, more), classPath, program);
  }

  /**
   * Leaves out the optimizing compiler: a short program ends sooner.
   *
   * @return the same without it
   */
  public Jvm quick() {
    return options("-XX:TieredStopAtLevel=1");
  }

  /**
   * Starts it through another program, which gets the command line as its arguments.
   *
   * @param command the other program and what comes first of its arguments
   * @return the same through that
   */
  public Jvm through(String... command) {
    return new Jvm(joined(List.of(), command), options, classPath, program);
  }

  /**
   * Changes the class path.
   *
   * @param added what comes first
   * @param kept which entries of the class path of the tests stay
   * @return the same with another class path
   */
  public Jvm classPath(List<Path> added, Predicate<String> kept) {
    List<String> entries = new ArrayList<>();
    added.forEach(path -> entries.add(path.toString()));
    entries.addAll(
        Arrays.stream(classPath.split(File.pathSeparator, -1))
            .filter(kept)
            .collect(Collectors.toList()));
    return new Jvm(before, options, String.join(File.pathSeparator, entries), program);
  }

  private ProcessBuilder process() {
    List<String> command = new ArrayList<>(before);
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(options);
    command.addAll(List.of("-cp", classPath));
    command.addAll(program);
    return new ProcessBuilder(command);
  }

  /**
   * Starts it; its output is to be read, its errors are dropped.
   *
   * @return the process
   * @throws IOException if it cannot be started
   */
  public Process start() throws IOException {
    return process().redirectError(ProcessBuilder.Redirect.DISCARD).start();
  }

  /**
   * Starts it; its output has its errors among it and is to be read.
   *
   * @return the process
   * @throws IOException if it cannot be started
   */
  public Process startWithErrors() throws IOException {
    return process().redirectErrorStream(true).start();
  }

  /**
   * Starts it; what it prints, its errors too, goes to a file.
   *
   * @param log where to
   * @return the process
   * @throws IOException if it cannot be started
   */
  public Process start(Path log) throws IOException {
    return process().redirectErrorStream(true).redirectOutput(log.toFile()).start();
  }

  /**
   * Runs it to its end. One that takes too long is killed and fails the test, as an interrupt does.
   *
   * @param limit how long it may take
   * @return what it did
   * @throws IOException if it cannot be started
   */
  public Outcome run(Duration limit) throws IOException {
    Path log = Files.createTempFile("jvm", ".log");
    try {
      Process process = start(log);
      boolean ended;
      try {
        ended = process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException("a test must not be interrupted", e);
      } finally {
        process.destroyForcibly();
      }
      String output = Files.readString(log, StandardCharsets.UTF_8);
      assertThat(ended).as("%s ends within %s; it said: %s", this, limit, output).isTrue();
      return new Outcome(process.exitValue(), output);
    } finally {
      Files.delete(log);
    }
  }

  /**
   * Runs it to its end, which must be a good one.
   *
   * @param limit how long it may take
   * @return what it printed, its errors too
   * @throws IOException if it cannot be started
   */
  public String succeed(Duration limit) throws IOException {
    Outcome outcome = run(limit);
    assertThat(outcome.exitValue).as("%s said: %s", this, outcome.output).isZero();
    return outcome.output;
  }

  @Override
  public String toString() {
    return String.join(" ", program);
  }
}
